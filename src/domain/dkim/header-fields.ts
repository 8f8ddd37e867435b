/** One header of a message: where it stands does not matter, its octets do. */
export interface HeaderField {
  /** Lower case. */
  readonly name: string;
  /** In the relaxed form of RFC 6376 section 3.4.2, without its line end; one character per octet. */
  readonly relaxed: string;
}

const END_OF_HEADERS = '\r\n\r\n';
/** A line end that is not followed by a continuation (RFC 5322 section 2.2.3). */
const BETWEEN_FIELDS = /\r\n(?![\t ])/;

/** The header fields in the order of the message, and where its body begins. */
export function headerFields(raw: Buffer): { readonly fields: readonly HeaderField[]; readonly bodyStart: number } {
  // A message may begin with the empty line: then it has no headers.
  const empty = raw.length >= 2 && raw[0] === 13 && raw[1] === 10;
  const end = empty ? 0 : raw.indexOf(END_OF_HEADERS);
  const block = raw.toString('latin1', 0, end === -1 ? raw.length : end);
  const bodyStart = end === -1 ? raw.length : end + (empty ? 2 : END_OF_HEADERS.length);
  const fields = block.split(BETWEEN_FIELDS).flatMap((text) => (text.includes(':') ? [headerField(text)] : []));
  return { fields, bodyStart };
}

/** One field from its text, one character per octet. */
export function headerField(text: string): HeaderField {
  const colon = text.indexOf(':');
  const name = text.slice(0, colon).trim().toLowerCase();
  const value = text
    .slice(colon + 1)
    .replaceAll('\r\n', '')
    .replace(/[\t ]+/g, ' ')
    .replace(/^ | $/g, '');
  return { name, relaxed: `${name}:${value}` };
}
