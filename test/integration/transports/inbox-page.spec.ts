import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { NestFactory } from '@nestjs/core';
import { Module } from '@nestjs/common';
import { CONFIG } from '../../../src/config/config.js';
import { InboxController } from '../../../src/sending/transports/sandbox/inbox.controller.js';

interface MailParts {
  readonly text: string | undefined;
  readonly html: string | undefined;
  readonly attachments: readonly { readonly name: string; readonly type: string }[];
}

describe('the inbox page', () => {
  let app: NestFastifyApplication | undefined;

  afterEach(() => app?.close());

  /** The page's address. */
  async function start(explorer: boolean): Promise<string> {
    @Module({ controllers: [InboxController], providers: [{ provide: CONFIG, useValue: { explorer } }] })
    class PageModule {}
    app = await NestFactory.create<NestFastifyApplication>(PageModule, new FastifyAdapter(), { logger: false });
    await app.listen(0, '127.0.0.1');
    return app.getUrl();
  }

  it('runs no script but its own and opens nothing from elsewhere', async () => {
    const answer = await fetch(`${await start(true)}/inbox`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = answer.headers.get('content-security-policy');
    const page = await answer.text();
    expect(policy).toContain("default-src 'none'; script-src 'self';");
    expect(policy).toContain('img-src data:');
    expect(page).not.toMatch(/<script(?![^>]*\bsrc=)|\son\w+=|style=|https?:/i);
    expect(page).toContain('sandbox=""');
  });

  it('serves everything it refers to', async () => {
    const url = await start(true);
    const page = await (await fetch(`${url}/inbox`)).text();
    const assets = [...page.matchAll(/(?:src|href)="(inbox\/[^"]+)"/g)].map((match) => `/${match[1]}`);
    expect(assets.toSorted()).toEqual(['/inbox/inbox.css', '/inbox/inbox.js']);
    for (const asset of [...assets, '/inbox/mail-parts.js']) {
      const answer = await fetch(`${url}${asset}`);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toMatch(/^text\/(css|javascript); charset=utf-8$/);
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('is not there when the explorer is switched off', async () => {
    const url = await start(false);
    for (const path of ['/inbox', '/inbox/inbox.js', '/inbox/inbox.css']) {
      expect((await fetch(`${url}${path}`)).status).toBe(404);
    }
  });

  it('shows the parts of a mail', async () => {
    const path = join(process.cwd(), 'src/sending/transports/sandbox/inbox-page/mail-parts.js');
    const { mailParts } = (await import(path)) as { mailParts: (bytes: Uint8Array) => MailParts };
    const mail = [
      'Content-Type: multipart/mixed; boundary="out er"',
      '',
      'preamble',
      '--out er',
      'Content-Type: multipart/alternative;',
      ' boundary=inner',
      '',
      '--inner',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      'Gr=C3=BC=C3=9Fe =',
      'weiter ',
      '--inner',
      'Content-Type: text/html; charset=utf-8',
      'Content-Transfer-Encoding: base64',
      '',
      Buffer.from('<p>Grüße</p>').toString('base64'),
      '--inner--',
      '--out er',
      "Content-Type: application/pdf; name*=utf-8''gr%C3%BC%C3%9Fe.pdf",
      'Content-Disposition: attachment; filename*0="re"; filename*1="port.pdf"',
      '',
      '...',
      '--out er',
      "Content-Type: text/plain; name*=utf-8''gr%C3%BC%C3%9Fe.txt",
      'Content-Disposition: attachment',
      '',
      '...',
      '--out er--',
    ].join('\r\n');
    expect(mailParts(Buffer.from(mail))).toEqual({
      text: 'Grüße weiter',
      html: '<p>Grüße</p>',
      attachments: [
        { name: 'report.pdf', type: 'application/pdf' },
        { name: 'grüße.txt', type: 'text/plain' },
      ],
    });
    expect(mailParts(Buffer.from('Subject: x\r\n\r\nplain\r\n'))).toEqual({
      text: 'plain\r\n',
      html: undefined,
      attachments: [],
    });
  });
});
