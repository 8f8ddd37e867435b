import type { Transport } from '../../src/sending/transports/transport.js';
import type { Answer, HttpStandIn } from '../support/http-stand-in.js';
import { testEnvelope } from '../support/outgoing-mail.js';
import type { SmtpSink } from '../support/smtp-sink.js';
import { SMTP_SPEECH, type Speech, type Taken, type TransportHarness } from './transport.contract-suite.js';

const REFUSED = 'nobody@to.test';
const DEFERRED = 'later@to.test';

/** A provider that passes on what it takes, for all but two recipients. */
const RELAY = { refused: REFUSED, deferred: DEFERRED, finalDestination: false, envelope: testEnvelope } as const;

/** What an SMTP server of the suite answers to RCPT; undefined where it takes the recipient. */
export function refuseRecipient(to: string): string | undefined {
  if (to === REFUSED) return '550 5.1.1 no such mailbox';
  return to === DEFERRED ? '451 4.7.1 later' : undefined;
}

/** A transport before a sink that refuses recipients as above. */
export function smtpHarness(transport: Transport, sink: SmtpSink, stop: () => Promise<void>): TransportHarness {
  return {
    ...RELAY,
    transport,
    speech: SMTP_SPEECH,
    taken: () => Promise.resolve(sink.mails.map(({ from, to, raw }) => ({ from, to: to[0] ?? '', content: raw }))),
    stop,
  };
}

interface HttpProvider<Mail> {
  readonly transport: Transport;
  readonly standIn: {
    readonly http: HttpStandIn;
    readonly mails: readonly Mail[];
    answerTo: (to: string) => Answer | undefined;
  };
  /** Its answers for a recipient that it refuses, and for one that is to wait. */
  readonly refusal: Answer;
  readonly deferral: Answer;
  readonly takenFrom: (mail: Mail) => Taken;
  /** What it can do less than the others. */
  readonly lacks?: Partial<Pick<Speech, 'carriesRaw' | 'carriesUtf8'>>;
}

/** A transport before a provider that speaks HTTP, which names mails and has an envelope sender of its own. */
export function httpHarness<Mail>(provider: HttpProvider<Mail>): TransportHarness {
  const { transport, standIn, refusal, deferral, takenFrom, lacks } = provider;
  standIn.answerTo = (to) => {
    if (to === REFUSED) return refusal;
    return to === DEFERRED ? deferral : undefined;
  };
  return {
    ...RELAY,
    transport,
    speech: {
      ...SMTP_SPEECH,
      accepted: { code: 200 },
      refusal: { stage: 'FINAL_REPLY', reply: { code: refusal.status } },
      deferral: { stage: 'FINAL_REPLY', reply: { code: deferral.status } },
      namesMails: true,
      carriesSender: false,
      ...lacks,
    },
    taken: () => Promise.resolve(standIn.mails.map(takenFrom)),
    stop: () => standIn.http.close(),
  };
}
