import { type Dialogue, inChunks } from './smtp-transaction.js';
import { wireBody, wireChunk } from './wire-body.js';

/** Larger messages are written in slices, each when there is room for it on the wire. */
export const SLICE_BYTES = 64 * 1024;

/**
 * One message on its way: its octets behind DATA, or as chunks that say how many they are. Of the
 * two chunks of `CHUNKED` the first is a line: a relay that does not know BDAT, though it offers it,
 * would take what follows for commands, and the first line is a header field, which is none.
 */
export class WireMessage {
  /** What stands behind MAIL and RCPT where they leave together. */
  readonly opening: string;
  /** How much of the message has been given to the socket. */
  taken = 0;
  readonly #inChunks: boolean;
  readonly #octets: Buffer;
  /** Octets that leave together with the envelope. */
  readonly #early: number;

  constructor(raw: Buffer, dialogue: Dialogue) {
    this.#inChunks = inChunks(dialogue);
    const octets = this.#inChunks ? wireChunk(raw) : raw;
    this.#octets = octets;
    if (dialogue === 'ONE_WRITE') {
      this.#early = octets.length;
      this.opening = `BDAT ${this.#early} LAST\r\n`;
    } else if (dialogue === 'CHUNKED') {
      this.#early = octets.indexOf('\n') + 1;
      this.opening = `BDAT ${this.#early}\r\n`;
    } else {
      this.#early = 0;
      this.opening = 'DATA\r\n';
    }
  }

  /** Octets that are still to be written. */
  get rest(): number {
    return this.#octets.length - this.taken;
  }

  /** The envelope's commands, and what leaves together with them. */
  envelope(commands: string): string | Buffer {
    if (!this.#inChunks) return commands;
    this.taken = this.#early;
    return Buffer.concat([Buffer.from(commands), this.#octets.subarray(0, this.#early)]);
  }

  /** The next slice, or the rest. */
  slice(): Buffer {
    const start = this.taken;
    this.taken = Math.min(start + SLICE_BYTES, this.#octets.length);
    if (!this.#inChunks) return wireBody(this.#octets, start, this.taken);
    const slice = this.#octets.subarray(start, this.taken);
    if (start > this.#early) return slice;
    return Buffer.concat([Buffer.from(`BDAT ${this.#octets.length - start} LAST\r\n`), slice]);
  }
}
