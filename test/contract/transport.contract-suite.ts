import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Envelope, HandOverResult, Transport } from '../../src/sending/transports/transport.js';
import { outgoing } from '../support/outgoing-mail.js';

/** A transport with a provider behind it that can be asked what it was given. */
export interface TransportHarness {
  readonly transport: Transport;
  /** A fresh envelope of an accepted recipient. */
  envelope(changes?: Partial<Envelope>): Envelope;
  /** Recipients the provider refuses for good, and for now. */
  readonly refused: string;
  readonly deferred: string;
  /** Whether an accepted mail is at its end. */
  readonly finalDestination: boolean;
  /** Everything taken so far, in any order. */
  taken(): Promise<readonly { readonly from: string; readonly to: string; readonly raw: Buffer }[]>;
  stop(): Promise<void>;
}

const mail = (text: string): Buffer => Buffer.from(`Subject: contract\r\n\r\n${text}\r\n`);

/** What every transport keeps to, whatever it speaks. */
export function transportContract(name: string, start: () => Promise<TransportHarness>): void {
  describe(`${name} as a transport`, () => {
    let harness: TransportHarness;

    beforeAll(async () => {
      harness = await start();
    });

    afterAll(async () => {
      await harness.transport.close();
      await harness.stop();
    });

    const handOver = (changes: Partial<Envelope>, raw = mail('text')): Promise<HandOverResult> =>
      harness.transport.handOver(harness.envelope(changes), outgoing(raw));

    const takenFor = async (to: string) => (await harness.taken()).filter((taken) => taken.to === to);

    it('tells what the provider said when it took a mail', async () => {
      const result = await handOver({ to: 'reply@to.test' });
      expect(result).toMatchObject({ outcome: 'accepted', finalDestination: harness.finalDestination });
      expect(result).toMatchObject({ reply: { code: 250, enhanced: '2.0.0' } });
      expect(await takenFor('reply@to.test')).toHaveLength(1);
    });

    it.each([
      ['lines that begin with dots', '.\r\n..\r\n.text\r\n.'],
      ['an empty line at the end', 'text\r\n\r\n'],
      ['what looks like the end of a mail', 'text\r\n.\r\nMAIL FROM:<evil@evil.test>'],
      ['8-bit text', 'Grüße, 你好'],
    ])('changes nothing in a mail with %s', async (title, text) => {
      const to = `${title.replaceAll(/\W/g, '-')}@to.test`;
      expect(await handOver({ to }, mail(text))).toMatchObject({ outcome: 'accepted' });
      expect((await takenFor(to)).map(({ raw }) => raw.toString())).toEqual([mail(text).toString()]);
    });

    it('carries a mail of some megabytes', async () => {
      const raw = Buffer.alloc(5_000_010, '.line of 32 characters with dot\r\n', 'latin1');
      raw.write('\r\n', raw.length - 2);
      expect(await handOver({ to: 'large@to.test' }, raw)).toMatchObject({ outcome: 'accepted' });
      const [taken] = await takenFor('large@to.test');
      expect(taken?.raw.equals(raw)).toBe(true);
    });

    it('gives the envelope exactly, the null sender too', async () => {
      await handOver({ from: '', to: 'Case.Kept+tag@to.test' });
      expect(await takenFor('Case.Kept+tag@to.test')).toMatchObject([{ from: '' }]);
    });

    it('carries addresses that are not ASCII', async () => {
      const result = await handOver({ to: 'jürgen@to.test', smtpUtf8: true });
      expect(result).toMatchObject({ outcome: 'accepted' });
      expect(await takenFor('jürgen@to.test')).toHaveLength(1);
    });

    it('refuses for good what the provider refuses for good', async () => {
      const result = await handOver({ to: harness.refused });
      expect(result).toMatchObject({ outcome: 'refused', stage: 'RCPT', reply: { code: 550, enhanced: '5.1.1' } });
      expect(await takenFor(harness.refused)).toEqual([]);
    });

    it('defers what the provider defers', async () => {
      const result = await handOver({ to: harness.deferred });
      expect(result).toMatchObject({ outcome: 'deferred', stage: 'RCPT', reply: { code: 451 } });
      expect(await takenFor(harness.deferred)).toEqual([]);
    });

    it.each([
      'a@to.test>\r\nRCPT TO:<b@to.test',
      'a@to.test\nDATA',
      'a@to.test,b@to.test ',
      'a b@to.test',
      '<a@to.test>',
      'a@to.test\0',
      'a\u0085b@to.test',
      'a\u2028b@to.test',
      '',
    ])('does not write a recipient that could be read as something else (%j)', async (to) => {
      const before = (await harness.taken()).length;
      expect(await handOver({ to })).toMatchObject({ outcome: 'refused', stage: 'MAIL', reply: undefined });
      expect(await handOver({ from: to === '' ? ' ' : to })).toMatchObject({ outcome: 'refused', stage: 'MAIL' });
      expect((await harness.taken()).length).toBe(before);
    });

    it('gives one recipient where an address parser would see two', async () => {
      await handOver({ to: 'a@to.test,b@to.test' });
      const taken = (await harness.taken())
        .map(({ to }) => to)
        .filter((to) => to.startsWith('a@') || to.startsWith('b@'));
      expect(taken.filter((to) => to !== 'a@to.test,b@to.test')).toEqual([]);
    });

    it('hands over many at once, each exactly once, refused ones in between', async () => {
      const results = await Promise.all(
        Array.from({ length: 60 }, (_, n) =>
          handOver({ to: n % 10 === 0 ? harness.refused : `many-${n}@to.test` }, mail(`number ${n}`)),
        ),
      );
      expect(results.map(({ outcome }) => outcome)).toEqual(
        Array.from({ length: 60 }, (_, n) => (n % 10 === 0 ? 'refused' : 'accepted')),
      );
      const taken = (await harness.taken()).filter(({ to }) => to.startsWith('many-'));
      expect(taken).toHaveLength(54);
      expect(new Set(taken.map(({ to, raw }) => `${to} ${raw.toString()}`)).size).toBe(54);
    });

    it('takes nothing after it was closed', async () => {
      await harness.transport.close();
      expect(await handOver({ to: 'closed@to.test' })).toMatchObject({ outcome: 'deferred', stage: 'CONNECT' });
      expect(await takenFor('closed@to.test')).toEqual([]);
    });
  });
}
