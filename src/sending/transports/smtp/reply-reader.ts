/** Longest reply that is read; real ones have a few hundred characters. */
export const MAX_REPLY_LENGTH = 64 * 1024;

const NONE: readonly string[] = [];
const DIGIT_0 = 48;
const DIGIT_9 = 57;
const HYPHEN = 45;

/** Puts the replies of one connection together (RFC 5321 section 4.2.1), in whatever pieces they come. */
export class ReplyReader {
  /** The relay exceeded the limit; nothing further is read. */
  overflown = false;
  /** Finished lines of a reply that goes on. */
  #lines = '';
  /** The line that is being received. */
  #rest = '';

  /** The replies that this chunk completes, the lines of each separated by LF. */
  read(chunk: Buffer): readonly string[] {
    const text = chunk.toString('latin1');
    const first = text.indexOf('\n');
    const replies = first < 0 ? NONE : this.#split(text, first);
    // Only appended: looking through it again with every byte that drips in would be quadratic.
    if (first < 0) this.#rest += text;
    if (this.#rest.length + this.#lines.length > MAX_REPLY_LENGTH) this.overflown = true;
    return replies;
  }

  /** What came of a reply without its end. */
  get unfinished(): string {
    return decoded(this.#lines + this.#rest);
  }

  #split(text: string, first: number): string[] {
    const replies: string[] = [];
    let from = 0;
    for (let end = first; end >= 0; end = text.indexOf('\n', from)) {
      const part = text.slice(from, end);
      this.#take(from === 0 ? this.#rest + part : part, replies);
      from = end + 1;
    }
    this.#rest = text.slice(from);
    return replies;
  }

  #take(received: string, replies: string[]): void {
    const line = received.endsWith('\r') ? received.slice(0, -1) : received;
    if (line.trim() === '') return;
    if (continues(line)) {
      this.#lines += `${line}\n`;
    } else {
      replies.push(decoded(this.#lines + line));
      this.#lines = '';
    }
  }
}

function continues(line: string): boolean {
  return line.charCodeAt(3) === HYPHEN && isDigit(line, 0) && isDigit(line, 1) && isDigit(line, 2);
}

function isDigit(line: string, at: number): boolean {
  const code = line.charCodeAt(at);
  return code >= DIGIT_0 && code <= DIGIT_9;
}

/** The charset of a reply is not defined: UTF-8 where it is UTF-8, or else as it came. */
function decoded(text: string): string {
  if (!/[\x80-\xff]/.test(text)) return text;
  const utf8 = Buffer.from(text, 'latin1').toString('utf8');
  return utf8.includes('\ufffd') ? text : utf8;
}
