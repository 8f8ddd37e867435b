import { type Hash, createHash } from 'node:crypto';

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;

/** Octets that are hashed at once: one call for most mails, and no second copy of a large attachment. */
const CHUNK = 65_536;
/** The line end that the body may lack. */
const LINE_END = 2;

/**
 * The hash of a body in the relaxed form of RFC 6376 section 3.4.4: runs of blanks are one space,
 * none is at the end of a line, and no empty line at the end of the body. It goes through the octets
 * once: a pattern would need a string of the whole body first.
 */
export function bodyHash(raw: Buffer, start: number): string {
  const out = new HashedOctets(raw.length - start);
  let blank = false;
  // Written when something follows them, so that those at the end of the body do not count.
  let lineEnds = 0;
  for (let i = start; i < raw.length; i += 1) {
    const octet = raw[i] ?? 0;
    if (octet === SPACE || octet === TAB) {
      blank = true;
    } else if (octet === CR && raw[i + 1] === LF) {
      blank = false;
      lineEnds += 1;
      i += 1;
    } else {
      for (; lineEnds > 0; lineEnds -= 1) out.put(CR, LF);
      if (blank) out.put(SPACE, octet);
      else out.putOne(octet);
      blank = false;
    }
  }
  // What is not empty ends with a line end, also when the mail does not.
  if (!out.empty) out.put(CR, LF);
  return out.digest();
}

class HashedOctets {
  empty = true;
  private readonly hash: Hash = createHash('sha256');
  private readonly chunk: Buffer;
  private length = 0;

  constructor(most: number) {
    this.chunk = Buffer.allocUnsafe(Math.min(most + LINE_END, CHUNK));
  }

  put(first: number, second: number): void {
    this.putOne(first);
    this.putOne(second);
  }

  putOne(octet: number): void {
    if (this.length === this.chunk.length) this.flush();
    this.chunk[this.length] = octet;
    this.length += 1;
    this.empty = false;
  }

  digest(): string {
    this.flush();
    return this.hash.digest('base64');
  }

  private flush(): void {
    this.hash.update(this.chunk.subarray(0, this.length));
    this.length = 0;
  }
}
