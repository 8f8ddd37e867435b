import { MAX_LINE } from './encode-header.js';
import { isPlainText } from './plain-text.js';
import { encodeQuotedPrintable } from './quoted-printable.js';

export interface EncodedBody {
  readonly transferEncoding: '7bit' | 'quoted-printable' | 'base64';
  /** ASCII as it goes on the wire, or octets still to be written as base64 lines. */
  readonly content: string | Buffer;
}

/** A text body in the plainest transfer encoding that carries it unharmed. */
export function encodeBody(text: string): EncodedBody {
  const content = normaliseNewlines(text);
  if (isPlainText(content) && linesFit(content)) return { transferEncoding: '7bit', content };

  const octets = Buffer.from(content, 'utf8');
  // Latin letters add one octet to their number, other scripts two to each letter. Base64 is shorter
  // from one octet in six on, but Latin script with many accents is worth being read in the source.
  const added = octets.length - content.length;
  if (added * 8 > octets.length) return { transferEncoding: 'base64', content: octets };
  return { transferEncoding: 'quoted-printable', content: encodeQuotedPrintable(octets) };
}

/**
 * CRLF, CR and LF, and also CR CR LF (a CRLF text written once more in text mode), become one CRLF
 * each: a bare CR or LF is read as a line end by some servers only, which is how mail is smuggled.
 */
export function normaliseNewlines(text: string): string {
  let unix = text;
  if (unix.includes('\r')) {
    unix = unix.replaceAll('\r\n', '\n');
    // One pass over each run of CRs: /\r+\n|\r/ would try the rest of a long run again and again.
    if (unix.includes('\r'))
      unix = unix.replace(/\r+\n?/g, (run) => (run.endsWith('\n') ? '\n' : '\n'.repeat(run.length)));
  }
  return unix.includes('\n') ? unix.replace(/\n/g, '\r\n') : unix;
}

/** Hops from line end to line end in steps of up to 998: a regex for this is quadratic or 10 times slower. */
function linesFit(text: string): boolean {
  let start = 0;
  while (text.length - start > MAX_LINE) {
    // The CR may stand right behind the last allowed character, the LF one further.
    const end = text.lastIndexOf('\n', start + MAX_LINE + 1);
    if (end < start) return false;
    start = end + 1;
  }
  return true;
}
