import { type Hash, createHash } from 'node:crypto';

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;

const LINE_END = Buffer.from('\r\n');
const BLANK = Buffer.from(' ');

/** Pieces up to this length are gathered: a call to the hash costs more than copying them. */
const GATHERED = 16_384;

/**
 * The hash of a body in the relaxed form of RFC 6376 section 3.4.4: runs of blanks are one space,
 * none is at the end of a line, and no empty line at the end of the body. The octets are looked at
 * once and hashed where they are as far as nothing changes, which is a whole body more often than
 * not: a pattern would need a string of it first.
 */
export function bodyHash(raw: Buffer, start: number): string {
  const out = new HashedPieces();
  let unwritten = start;
  for (let at = start; at < raw.length;) {
    const same = lengthOfSame(raw, at);
    if (same > 0) {
      at += same;
      continue;
    }
    const gap = readGap(raw, at);
    out.add(raw.subarray(unwritten, at));
    at = gap.end;
    unwritten = gap.end;
    // Line ends and blanks that nothing follows do not count.
    if (at === raw.length) break;
    for (let n = 0; n < gap.lineEnds; n += 1) out.add(LINE_END);
    if (gap.blank) out.add(BLANK);
  }
  out.add(raw.subarray(unwritten));
  // What is not empty ends with a line end, also when the mail does not.
  if (!out.empty) out.add(LINE_END);
  return out.digest();
}

/** How many octets stay as they are: one, a line end with text behind it, or none where something changes. */
function lengthOfSame(raw: Buffer, at: number): number {
  const octet = raw[at] ?? SPACE;
  if (octet > SPACE) return 1;
  if (octet === SPACE) return isText(raw[at + 1]) ? 1 : 0;
  if (octet === CR && raw[at + 1] === LF) return isText(raw[at + 2]) ? 2 : 0;
  return octet === TAB ? 0 : 1;
}

function isText(octet: number | undefined): boolean {
  return octet !== undefined && octet > SPACE;
}

/** Blanks and line ends in a row: of the blanks only those behind the last line end are left, as one. */
function readGap(raw: Buffer, start: number): { end: number; lineEnds: number; blank: boolean } {
  let lineEnds = 0;
  let blank = false;
  let at = start;
  for (;;) {
    const octet = raw[at];
    if (octet === SPACE || octet === TAB) {
      blank = true;
      at += 1;
    } else if (octet === CR && raw[at + 1] === LF) {
      lineEnds += 1;
      blank = false;
      at += 2;
    } else {
      return { end: at, lineEnds, blank };
    }
  }
}

class HashedPieces {
  empty = true;
  private readonly hash: Hash = createHash('sha256');
  private gathered: Buffer | undefined;
  private length = 0;

  add(piece: Buffer): void {
    if (piece.length === 0) return;
    this.empty = false;
    if (this.length + piece.length > GATHERED) this.flush();
    if (piece.length > GATHERED) {
      this.hash.update(piece);
      return;
    }
    this.gathered ??= Buffer.allocUnsafe(GATHERED);
    this.gathered.set(piece, this.length);
    this.length += piece.length;
  }

  digest(): string {
    this.flush();
    return this.hash.digest('base64');
  }

  private flush(): void {
    if (this.gathered !== undefined) this.hash.update(this.gathered.subarray(0, this.length));
    this.length = 0;
  }
}
