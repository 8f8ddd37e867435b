/** One encoded word and the blank that only separates it from another (RFC 2047 section 6.2). */
const ENCODED_WORD = /=\?([\w-]+)(?:\*[\w-]+)?\?([bq])\?([^?\s]*)\?=(?:\s+(?==\?))?/gi;

/** The decoded subject of a mail, read from its beginning; empty when there is none. */
export function readSubject(head: Buffer): string {
  const text = head.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const headers = end < 0 ? text : text.slice(0, end + 2);
  const value = /^subject:[ \t]*((?:[^\r\n]|\r\n[ \t])*)/im.exec(headers)?.[1];
  if (value === undefined) return '';
  // Header values may be UTF-8 as they are (RFC 6532).
  const unfolded = Buffer.from(value.replaceAll('\r\n', ''), 'latin1').toString('utf8').trim();
  return unfolded.replaceAll(ENCODED_WORD, (word, charset: string, encoding: string, data: string) => {
    const bytes = encoding.toLowerCase() === 'b' ? Buffer.from(data, 'base64') : fromQ(data);
    return decode(bytes, charset) ?? word;
  });
}

function fromQ(data: string): Buffer {
  const text = data
    .replaceAll('_', ' ')
    .replaceAll(/=([0-9a-f]{2})/gi, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(text, 'latin1');
}

function decode(bytes: Buffer, charset: string): string | undefined {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return undefined;
  }
}
