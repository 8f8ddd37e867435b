/**
 * A message read by the letter of RFC 5322 and 2046, with nothing forgiven: what a lenient parser
 * would repair throws here.
 */
export interface StrictPart {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly parts: readonly StrictPart[];
  readonly body: string;
}

export function parseStrictly(raw: Buffer, eightBit: boolean): StrictPart {
  const text = raw.toString('latin1');
  if (!text.endsWith('\r\n')) throw new Error('no line end at the end');
  if (/[\r\n]/.test(text.replaceAll('\r\n', ''))) throw new Error('bare CR or LF');
  for (const line of text.split('\r\n')) if (line.length > 998) throw new Error(`line of ${line.length} octets`);
  const allowed = eightBit ? /^[\t\r\n -~\u0080-\u00ff]*$/ : /^[\t\r\n -~]*$/;
  if (!allowed.test(text)) throw new Error('octets that need another transfer encoding');
  return parsePart(text);
}

function parsePart(text: string): StrictPart {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) throw new Error('no end of headers');
  const headers = parseHeaders(text.slice(0, end));
  const body = text.slice(end + 4);
  const type = headers.filter(([name]) => name.toLowerCase() === 'content-type');
  if (type.length !== 1) throw new Error(`${type.length} content types`);
  const boundary = /^multipart\/.*; boundary="([^"]{1,70})"$/.exec(type[0]?.[1] ?? '')?.[1];
  if (boundary === undefined) return { headers, parts: [], body };

  const [preamble, ...rest] = `\r\n${body}`.split(`\r\n--${boundary}`);
  const epilogue = rest.pop();
  if (preamble !== '' || !/^--(?:\r\n)?$/.test(epilogue ?? '')) throw new Error('text around the parts');
  const parts = rest.map((part) => {
    if (!part.startsWith('\r\n')) throw new Error('text behind a boundary');
    return parsePart(part.slice(2));
  });
  return { headers, parts, body };
}

function parseHeaders(block: string): StrictPart['headers'] {
  const unfolded: string[] = [];
  for (const line of block.split('\r\n')) {
    if (/^[!-9;-~]+: /.test(line)) unfolded.push(line);
    else if (/^ .*[!-~]/.test(line) && unfolded.length > 0) unfolded.push(`${unfolded.pop() ?? ''}${line}`);
    else throw new Error('a line that is no header');
  }
  return unfolded.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]);
}
