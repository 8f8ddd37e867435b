import { brokenOff, leavesConnectionUsable, type Refusal, refusalOutcome } from './hand-over-outcome.js';
import { parseReply, replyCode } from './smtp-reply.js';
import type { HandOverResult, HandOverStage, SmtpReply } from '../transport.js';

/** What is written as a whole: `ENVELOPE` is MAIL, with PIPELINING together with RCPT and DATA. */
export type WriteStep = 'RSET' | 'ENVELOPE' | 'RCPT' | 'DATA' | 'LONE_DOT';

/** What is to be done after a reply: wait for the next one, write something, or nothing more. */
export type Step = 'wait' | WriteStep | 'BODY' | 'OVER';

/** What the next reply will answer; `nothing` while it is our turn to write. */
type Awaited = 'RSET' | 'MAIL' | 'RCPT' | 'DATA' | 'BODY' | 'FINAL_REPLY' | 'LONE_DOT' | 'nothing';

/** The relay's service is closing the connection (RFC 5321 section 3.8), whatever it answers. */
const CLOSING = 421;

/**
 * One message's way through MAIL, RCPT, DATA and the body, told what is read and saying what to
 * write. With PIPELINING the three commands leave together (RFC 2920) and a refused MAIL or RCPT is
 * followed by the replies to the others.
 */
export class SmtpTransaction {
  /** How far the hand-over is: what is certain when the connection breaks follows from it alone. */
  stage: HandOverStage = 'MAIL';
  /** The connection can carry another message, after RSET. */
  usable = false;

  #awaited: Awaited = 'nothing';
  #refusal: Refusal | undefined;
  #accepted: SmtpReply | undefined;
  #note: string | undefined;

  constructor(private readonly pipelining: boolean) {}

  /** This is about to be written. */
  wrote(what: WriteStep): void {
    this.#awaited = what === 'ENVELOPE' ? 'MAIL' : what;
  }

  /** The body is about to be written. Without its final dot a relay must not accept it. */
  beginBody(): void {
    this.stage = 'BODY';
    this.#awaited = 'BODY';
  }

  /** The final dot is about to be written: from here on the relay may have the message. */
  endBody(): void {
    this.stage = 'FINAL_REPLY';
    this.#awaited = 'FINAL_REPLY';
  }

  /** One reply, and what follows from it. */
  received(raw: string): Step {
    const code = replyCode(raw);
    if (code === CLOSING && this.#awaited !== 'RSET') return this.#refused(raw);
    switch (this.#awaited) {
      case 'RSET':
        return this.#reset(code);
      case 'MAIL':
      case 'RCPT':
        return this.#envelope(this.#awaited, raw, code);
      case 'DATA':
        return this.#data(raw, code);
      case 'LONE_DOT':
        return this.#over(code !== undefined);
      case 'FINAL_REPLY':
        return this.#final(raw, code);
      default:
        return this.#unasked(raw);
    }
  }

  /** The connection ended, and this is what had come of a reply. */
  torn(unfinished: string): void {
    if (/^[45]\d\d[ -]/.test(unfinished) && this.#awaited !== 'RSET') this.#refused(unfinished);
  }

  /** How it ended; `note` says why when the relay did not. */
  result(note: string): HandOverResult {
    if (this.#refusal !== undefined) return refusalOutcome(this.#refusal);
    if (this.#accepted === undefined) return brokenOff(this.stage, this.#note ?? note);
    return { outcome: 'accepted', reply: this.#accepted, finalDestination: false };
  }

  #reset(code: number | undefined): Step {
    if (isPositive(code)) return this.#turn('ENVELOPE');
    this.#note = 'the relay refused RSET';
    return this.#over(false);
  }

  #envelope(command: 'MAIL' | 'RCPT', raw: string, code: number | undefined): Step {
    if (!isPositive(code)) {
      const step = this.#refused(raw);
      if (!this.usable || !this.pipelining) return step;
    }
    const next = command === 'MAIL' ? 'RCPT' : 'DATA';
    this.stage = next;
    if (!this.pipelining) return this.#turn(next);
    this.usable = false;
    this.#awaited = next;
    return 'wait';
  }

  #data(raw: string, code: number | undefined): Step {
    const goAhead = code !== undefined && code < 400;
    if (this.#refusal === undefined) {
      if (!goAhead) return this.#refused(raw);
      // 354; some relays say 250 for it and wait for the body all the same.
      this.stage = 'BODY';
      return this.#turn('BODY');
    }
    // A relay must refuse DATA without a recipient; for one that did not, an empty message to nobody
    // ends it. One that did not heed its own refusal of MAIL is not trusted with that either.
    if (goAhead && code >= 300 && this.#refusal.stage === 'RCPT') return this.#turn('LONE_DOT');
    return this.#over(code !== undefined && !goAhead);
  }

  #final(raw: string, code: number | undefined): Step {
    if (!isPositive(code)) return this.#refused(raw);
    this.#accepted = parseReply(raw);
    return this.#over(true);
  }

  /** An answer to something unfinished, or to nothing. */
  #unasked(raw: string): Step {
    if (this.stage === 'BODY') {
      this.#refused(raw);
    } else {
      this.#note = 'the replies are out of step';
    }
    return this.#over(false);
  }

  /** The first refusal counts: those behind it follow from it. */
  #refused(raw: string): Step {
    const reply = parseReply(raw);
    this.#refusal ??= { stage: this.stage, reply };
    return this.#over(leavesConnectionUsable({ stage: this.stage, reply }));
  }

  #turn(step: Step): Step {
    this.#awaited = 'nothing';
    return step;
  }

  #over(usable: boolean): Step {
    this.#awaited = 'nothing';
    this.usable = usable;
    return 'OVER';
  }
}

function isPositive(code: number | undefined): boolean {
  return code !== undefined && code < 300;
}
