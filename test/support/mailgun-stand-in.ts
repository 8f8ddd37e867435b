import { type Answer, HttpStandIn, type Received } from './http-stand-in.js';

export const MAILGUN_DOMAIN = 'mg.from.test';
export const MAILGUN_KEY = 'key-0123456789abcdef';

/** The form as Mailgun read it: texts by name, and the file of the message. */
export interface MailgunMail {
  readonly fields: ReadonlyMap<string, string>;
  readonly message: Buffer;
}

/** As Mailgun words its refusals. */
export function mailgunError(status: number, message: string): Answer {
  return { status, body: JSON.stringify({ message }) };
}

/** Speaks messages.mime and the details of a domain. */
export class MailgunStandIn {
  readonly mails: MailgunMail[] = [];
  /** An answer instead of the acceptance. */
  answerTo: (to: string) => Answer | undefined = () => undefined;
  domainState = 'active';

  private constructor(readonly http: HttpStandIn) {
    http.answer = (request) => this.answer(request);
  }

  static async start(tls?: { key: string; cert: string }): Promise<MailgunStandIn> {
    return new MailgunStandIn(await HttpStandIn.start(tls === undefined ? {} : { tls }));
  }

  private answer({ method, path, headers, body }: Received): Answer {
    const sending = method === 'POST' && path === `/v3/${MAILGUN_DOMAIN}/messages.mime`;
    const expected = `Basic ${Buffer.from(`api:${MAILGUN_KEY}`).toString('base64')}`;
    if (headers.authorization !== expected) {
      return sending
        ? { status: 401, headers: { 'content-type': 'text/plain' }, body: 'Forbidden' }
        : mailgunError(401, 'Invalid private key');
    }
    if (method === 'GET' && path === `/v4/domains/${MAILGUN_DOMAIN}`) {
      const domain = { name: MAILGUN_DOMAIN, state: this.domainState, type: 'custom' };
      return { status: 200, body: JSON.stringify({ domain }) };
    }
    if (!sending) return mailgunError(404, 'Domain not found');
    const mail = readForm(headers['content-type'] ?? '', body);
    const to = mail.fields.get('to');
    if (to === undefined) return mailgunError(400, 'to parameter is missing');
    const other = this.answerTo(to);
    if (other !== undefined) return other;
    this.mails.push(mail);
    const id = `<2026.${this.mails.length}@${MAILGUN_DOMAIN}>`;
    return { status: 200, body: JSON.stringify({ id, message: 'Queued. Thank you.' }) };
  }
}

function readForm(contentType: string, body: Buffer): MailgunMail {
  const delimiter = Buffer.from(`\r\n--${/boundary=(.+)$/.exec(contentType)?.[1] ?? ''}`);
  const rest = Buffer.concat([Buffer.from('\r\n'), body]);
  const fields = new Map<string, string>();
  let message = Buffer.alloc(0);
  let at = rest.indexOf(delimiter);
  for (let next = rest.indexOf(delimiter, at + 1); next >= 0; next = rest.indexOf(delimiter, at + 1)) {
    const part = rest.subarray(at + delimiter.length + 2, next);
    const end = part.indexOf('\r\n\r\n');
    const head = part.subarray(0, end).toString();
    const value = part.subarray(end + 4);
    const name = /; name="([^"]+)"/.exec(head)?.[1] ?? '';
    if (head.includes('filename=')) message = Buffer.from(value);
    else fields.set(name, value.toString());
    at = next;
  }
  if (rest.subarray(at + delimiter.length).toString() !== '--') throw new Error('the form does not end');
  return { fields, message };
}
