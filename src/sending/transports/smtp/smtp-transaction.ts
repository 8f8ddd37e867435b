import { brokenOff, CLOSING, leavesConnectionUsable, type Refusal, refusalOutcome } from './hand-over-outcome.js';
import { parseReply, replyCode } from './smtp-reply.js';
import type { HandOverResult, HandOverStage, SmtpReply } from '../transport.js';

/**
 * How the commands and the message leave: each when the one before is answered; MAIL, RCPT and DATA
 * together (RFC 2920); the same with BDAT for DATA and the first line of the message behind it; or
 * all of it, the whole message behind BDAT LAST (RFC 3030).
 */
export type Dialogue = 'STEPWISE' | 'PIPELINED' | 'CHUNKED' | 'ONE_WRITE';

/** Whether the message leaves behind BDAT. */
export function inChunks(dialogue: Dialogue): boolean {
  return dialogue === 'CHUNKED' || dialogue === 'ONE_WRITE';
}

/** What is written as a whole: `ENVELOPE` is MAIL, with PIPELINING and what else leaves together with it. */
export type WriteStep = 'RSET' | 'ENVELOPE' | 'RCPT' | 'DATA' | 'LONE_DOT';

/** What is to be done after a reply: wait for the next one, write something, or nothing more. */
export type Step = 'wait' | WriteStep | 'BODY' | 'OVER';

/** What the next reply will answer; `nothing` while it is our turn to write. */
type Awaited = 'RSET' | 'MAIL' | 'RCPT' | 'DATA' | 'BODY' | 'FINAL_REPLY' | 'LONE_DOT' | 'nothing';

/** RFC 5321 section 4.2.4: the relay does not know BDAT, or not here, whatever it said in EHLO. */
const UNKNOWN_COMMAND: ReadonlySet<number | undefined> = new Set([500, 502, 503, 504]);

/**
 * One message's way through MAIL, RCPT, DATA or BDAT and the body, told what is read and saying what
 * to write. Commands that leave together are answered in their order, and a refused MAIL or RCPT is
 * followed by the replies to the others.
 */
export class SmtpTransaction {
  /** The command that is being answered: a refusal there is about it. */
  stage: HandOverStage = 'MAIL';
  /** The connection can carry another message, after RSET. */
  usable = false;
  /** MAIL and RCPT were accepted, BDAT is not known: the message was not taken, DATA may do better. */
  chunkingFailed = false;
  /** All octets have been written: from here on the relay may have the message, though it has not replied. */
  written = false;

  #awaited: Awaited = 'nothing';
  #refusal: Refusal | undefined;
  #accepted: SmtpReply | undefined;
  #note: string | undefined;
  /** The relay refused the sender and yet took a recipient: only its last reply tells what it did. */
  #contradicted = false;

  constructor(private readonly dialogue: Dialogue) {}

  get inChunks(): boolean {
    return inChunks(this.dialogue);
  }

  /** This is about to be written. */
  wrote(what: WriteStep): void {
    this.#awaited = what === 'ENVELOPE' ? 'MAIL' : what;
    if (what === 'ENVELOPE') this.written = this.dialogue === 'ONE_WRITE';
  }

  /** The body is about to be written. Without its final dot, or its last octet, a relay must not accept it. */
  beginBody(): void {
    this.stage = 'BODY';
    this.#awaited = 'BODY';
  }

  /** The final dot, or the last octet, is about to be written. */
  endBody(): void {
    this.written = true;
    this.stage = 'FINAL_REPLY';
    this.#awaited = 'FINAL_REPLY';
  }

  /** One reply, and what follows from it. */
  received(raw: string): Step {
    const code = replyCode(raw);
    if (code === CLOSING && this.#awaited !== 'RSET') {
      this.#contradicted = false;
      return this.#refused(raw);
    }
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
    if (this.#contradicted) return brokenOff('FINAL_REPLY', 'the relay refused the sender but not the recipient');
    if (this.#refusal !== undefined) return refusalOutcome(this.#refusal);
    if (this.#accepted === undefined) return brokenOff(this.#farthest, this.#note ?? note);
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
      if (!this.usable || this.dialogue === 'STEPWISE') return step;
    } else if (this.#refusal !== undefined) {
      this.#contradicted = this.written;
    }
    const next = command === 'MAIL' ? 'RCPT' : 'DATA';
    this.stage = next;
    if (this.dialogue === 'STEPWISE') return this.#turn(next);
    if (next === 'DATA' && this.dialogue === 'ONE_WRITE') this.stage = 'FINAL_REPLY';
    this.usable = false;
    this.#awaited = this.stage;
    return 'wait';
  }

  /** The reply to DATA, or to the chunk with the first line. */
  #data(raw: string, code: number | undefined): Step {
    if (this.#refusal === undefined) {
      // 354; some relays say 250 for it and wait for the body all the same.
      const goAhead = this.inChunks ? isPositive(code) : code !== undefined && code < 400;
      if (!goAhead) return this.#refusedMessage(raw, code);
      this.stage = 'BODY';
      return this.#turn('BODY');
    }
    // A relay must refuse DATA without a recipient; for one that did not, an empty message to nobody
    // ends it. One that did not heed its own refusal of MAIL is not trusted with that either.
    const waits = !this.inChunks && code !== undefined && code >= 300 && code < 400;
    if (waits && this.#refusal.stage === 'RCPT') return this.#turn('LONE_DOT');
    return this.#over(isNegative(code));
  }

  #final(raw: string, code: number | undefined): Step {
    // Behind a refused RCPT the relay has nobody to send it to, whatever it says to BDAT.
    if (this.#refusal !== undefined) {
      if (isNegative(code)) this.#contradicted = false;
      return this.#over(isNegative(code));
    }
    if (!isPositive(code)) return this.#refusedMessage(raw, code);
    this.#accepted = parseReply(raw);
    return this.#over(true);
  }

  /** What a relay does not take for a chunk it takes for commands: then the connection is of no more use. */
  #refusedMessage(raw: string, code: number | undefined): Step {
    const step = this.#refused(raw);
    this.chunkingFailed = this.inChunks && UNKNOWN_COMMAND.has(code);
    return this.chunkingFailed ? this.#over(false) : step;
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
    const stage = isNegative(reply?.code) ? this.stage : this.#farthest;
    this.#refusal ??= { stage, reply };
    return this.#over(leavesConnectionUsable({ stage, reply }));
  }

  /** How far the hand-over is: what is certain when the relay leaves it at that. */
  get #farthest(): HandOverStage {
    return this.written ? 'FINAL_REPLY' : this.stage;
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

function isNegative(code: number | undefined): boolean {
  return code !== undefined && code >= 400;
}
