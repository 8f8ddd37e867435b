import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type {
  Envelope,
  HandOverResult,
  HandOverStage,
  OutgoingMail,
  SmtpReply,
  Transport,
} from '../../src/sending/transports/transport.js';
import { mailbox } from '../support/composition.js';
import { outgoing } from '../support/outgoing-mail.js';

/** What a provider without MIME was given of a mail. */
export interface TakenFields {
  readonly subject: string;
  readonly text: string | undefined;
  readonly html: string | undefined;
  readonly attachments: readonly { readonly filename: string; readonly content: Buffer; readonly contentId?: string }[];
}

/** A mail as the provider got it. */
export interface Taken {
  readonly to: string;
  /** Undefined where the provider has no place for it. */
  readonly from?: string;
  readonly content: Buffer | TakenFields;
}

type Said = Partial<Pick<SmtpReply, 'code' | 'enhanced'>>;

/** What an SMTP server says in the course of this suite; the stages are those of its dialogue. */
export const SMTP_SPEECH = {
  accepted: { code: 250, enhanced: '2.0.0' },
  refusal: { stage: 'RCPT', reply: { code: 550, enhanced: '5.1.1' } },
  deferral: { stage: 'RCPT', reply: { code: 451 } },
  namesMails: false,
  carriesRaw: true,
  carriesSender: true,
  carriesUtf8: true,
} as const satisfies Speech;

/** How the provider's answers look, and what its interface has no place for. */
export interface Speech {
  readonly accepted: Said;
  readonly refusal: { readonly stage: HandOverStage; readonly reply: Said };
  readonly deferral: { readonly stage: HandOverStage; readonly reply: Said };
  /** It gives an accepted mail a name that its later news carry. */
  readonly namesMails: boolean;
  /** The octets, as against the fields they were made from. */
  readonly carriesRaw: boolean;
  /** The envelope sender, as against one of the provider's own. */
  readonly carriesSender: boolean;
  /** Mailbox names that are not ASCII. */
  readonly carriesUtf8: boolean;
}

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
  readonly speech: Speech;
  /** Everything taken so far, in any order. */
  taken(): Promise<readonly Taken[]>;
  stop(): Promise<void>;
}

const rawOf = (text: string): Buffer => Buffer.from(`Subject: contract\r\n\r\n${text}\r\n`);

function mail(text: string): OutgoingMail {
  const { raw, composition } = outgoing(rawOf(text));
  return { raw, composition: { ...composition, text } };
}

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

    let keys = 0;
    const handOver = (changes: Partial<Envelope>, given = mail('text')): Promise<HandOverResult> => {
      keys += 1;
      return harness.transport.handOver(harness.envelope({ recipientKey: `t_m_${keys}`, ...changes }), given);
    };

    /** Where there are no octets, the text of it. */
    const contentOf = ({ content }: Taken): string =>
      Buffer.isBuffer(content) ? content.toString() : rawOf(content.text ?? '').toString();

    const takenFor = async (to: string) => (await harness.taken()).filter((taken) => taken.to === to);

    it('tells what the provider said when it took a mail', async () => {
      const result = await handOver({ to: 'reply@to.test' });
      expect(result).toMatchObject({ outcome: 'accepted', finalDestination: harness.finalDestination });
      expect(result).toMatchObject({ reply: harness.speech.accepted });
      const named = result.outcome === 'accepted' && result.providerMessageId !== undefined;
      expect(named).toBe(harness.speech.namesMails);
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
      expect((await takenFor(to)).map(contentOf)).toEqual([rawOf(text).toString()]);
    });

    it('carries a mail of some megabytes', async () => {
      const raw = Buffer.alloc(5_000_010, '.line of 32 characters with dot\r\n', 'latin1');
      raw.write('\r\n', raw.length - 2);
      const { composition } = mail('');
      const large = { raw, composition: { ...composition, text: raw.toString() } };
      expect(await handOver({ to: 'large@to.test' }, large)).toMatchObject({ outcome: 'accepted' });
      const [taken] = await takenFor('large@to.test');
      expect(Buffer.isBuffer(taken?.content)).toBe(harness.speech.carriesRaw);
      const content = Buffer.isBuffer(taken?.content) ? taken.content : Buffer.from(taken?.content.text ?? '');
      expect(content.equals(raw)).toBe(true);
    });

    it('carries every field of a mail where it does not carry its octets', async () => {
      const logo = Buffer.from([0, 1, 2, 255]);
      const attachments = [
        { filename: 'logo.png', contentType: 'image/png', contentId: 'logo', content: logo },
        { filename: 'Größe.pdf', contentType: 'application/pdf', contentId: undefined, content: logo },
      ];
      const fields = { subject: 'Grüße, "Ada"', text: '.\r\nGrüße', html: '<img src="cid:logo">', attachments };
      const { raw, composition } = mail('fields');
      const replyTo = [mailbox('help@from.test', 'Help, Desk')];
      await handOver({ to: 'fields@to.test' }, { raw, composition: { ...composition, ...fields, replyTo } });
      const expected = {
        ...fields,
        attachments: [
          { filename: 'logo.png', content: logo, contentId: 'logo' },
          { filename: 'Größe.pdf', content: logo },
        ],
      };
      const contents = (await takenFor('fields@to.test')).map(({ content }) => content);
      expect(contents).toEqual([harness.speech.carriesRaw ? raw : expected]);
    });

    it('gives the envelope exactly, the null sender too', async () => {
      await handOver({ from: '', to: 'Case.Kept+tag@to.test' });
      const senders = (await takenFor('Case.Kept+tag@to.test')).map(({ from }) => from);
      expect(senders).toEqual([harness.speech.carriesSender ? '' : undefined]);
    });

    it('carries addresses that are not ASCII, or refuses them without a word about the mailbox', async () => {
      const { carriesUtf8 } = harness.speech;
      const result = await handOver({ to: 'jürgen@to.test', smtpUtf8: true });
      const refused = { outcome: 'refused', stage: 'MAIL', reply: undefined, reason: 'POLICY' };
      expect(result).toMatchObject(carriesUtf8 ? { outcome: 'accepted' } : refused);
      expect(await takenFor('jürgen@to.test')).toHaveLength(carriesUtf8 ? 1 : 0);
    });

    it('refuses for good what the provider refuses for good', async () => {
      const result = await handOver({ to: harness.refused });
      expect(result).toMatchObject({ outcome: 'refused', ...harness.speech.refusal });
      expect(await takenFor(harness.refused)).toEqual([]);
    });

    it('defers what the provider defers', async () => {
      const result = await handOver({ to: harness.deferred });
      expect(result).toMatchObject({ outcome: 'deferred', ...harness.speech.deferral });
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
      expect(new Set(taken.map((one) => `${one.to} ${contentOf(one)}`)).size).toBe(54);
    });

    it('takes nothing after it was closed', async () => {
      await harness.transport.close();
      expect(await handOver({ to: 'closed@to.test' })).toMatchObject({ outcome: 'deferred', stage: 'CONNECT' });
      expect(await takenFor('closed@to.test')).toEqual([]);
    });
  });
}
