// Plain JavaScript for the browser: there are no types that could be unsafe.
/* oxlint-disable typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access */

/**
 * What can be shown of a mail: its first text and HTML part, decoded, and the names of the rest.
 * Bytes are handled as latin1 text until the charset of a part is known.
 */
export function mailParts(bytes) {
  const found = { text: undefined, html: undefined, attachments: [] };
  collect(latin1(bytes), found, 0);
  return found;
}

const DEEPEST = 20;

function collect(entity, found, depth) {
  const { headers, body } = split(entity);
  const type = headers.get('content-type') ?? 'text/plain';
  const kind = type.split(';', 1)[0].trim().toLowerCase();
  const boundary = parameter(type, 'boundary');
  if (kind.startsWith('multipart/') && boundary !== undefined && depth < DEEPEST) {
    for (const part of partsOf(body, boundary)) collect(part, found, depth + 1);
    return;
  }
  const disposition = headers.get('content-disposition') ?? '';
  const shown = { 'text/html': 'html', 'text/plain': 'text' }[kind];
  if (shown !== undefined && found[shown] === undefined && !/^\s*attachment/i.test(disposition)) {
    const content = decodeTransfer(body, headers.get('content-transfer-encoding') ?? '7bit');
    found[shown] = decodeCharset(content, parameter(type, 'charset') ?? 'utf-8');
    return;
  }
  const name = parameter(disposition, 'filename') ?? parameter(type, 'name');
  found.attachments.push({ name: name ?? 'unnamed', type: kind });
}

function split(entity) {
  const at = entity.startsWith('\r\n') ? 0 : entity.indexOf('\r\n\r\n');
  const head = at < 0 ? entity : entity.slice(0, at);
  const body = at < 0 ? '' : entity.slice(at + (at === 0 ? 2 : 4));
  const headers = new Map();
  for (const line of head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    if (colon > 0 && !headers.has(name)) headers.set(name, line.slice(colon + 1).trim());
  }
  return { headers, body };
}

function partsOf(body, boundary) {
  const parts = [];
  let part;
  for (const line of body.split('\r\n')) {
    if (line.startsWith(`--${boundary}`)) {
      if (part !== undefined) parts.push(part.join('\r\n'));
      part = line.startsWith(`--${boundary}--`) ? undefined : [];
    } else part?.push(line);
  }
  if (part !== undefined) parts.push(part.join('\r\n'));
  return parts;
}

/** A parameter, also in the forms of RFC 2231: `name*=utf-8''…` and `name*0=…; name*1=…`. */
function parameter(value, name) {
  const pieces = new Map();
  const form = new RegExp(`;\\s*${name}(\\*\\d+)?(\\*)?\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s]*))`, 'gi');
  for (const [, index, extended, quoted, bare] of value.matchAll(form)) {
    const text = quoted === undefined ? bare : quoted.replaceAll(/\\(.)/g, '$1');
    pieces.set(Number((index ?? '*0').slice(1)), { text, extended: extended !== undefined });
  }
  if (pieces.size === 0) return undefined;
  const sorted = [...pieces].toSorted(([a], [b]) => a - b).map(([, piece]) => piece);
  const whole = sorted.map(({ text, extended }, n) => (extended ? unescape2231(text, n === 0) : text)).join('');
  return sorted.some(({ extended }) => extended) ? decodeCharset(fromLatin1(whole), 'utf-8') : whole;
}

function unescape2231(text, first) {
  const encoded = first ? text.replace(/^[^']*'[^']*'/, '') : text;
  return encoded.replaceAll(/%([0-9a-f]{2})/gi, (_match, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function decodeTransfer(body, encoding) {
  switch (encoding.trim().toLowerCase()) {
    case 'base64':
      return fromLatin1(decodeBase64(body));
    case 'quoted-printable':
      return fromLatin1(
        body
          .replaceAll(/[ \t]+(?=\r\n|$)/g, '')
          .replaceAll('=\r\n', '')
          .replaceAll(/=([0-9a-f]{2})/gi, (_match, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
      );
    default:
      return fromLatin1(body);
  }
}

function decodeBase64(body) {
  try {
    return atob(body.replaceAll(/[^\w+/]/g, ''));
  } catch {
    return body;
  }
}

function decodeCharset(bytes, charset) {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return new TextDecoder('utf-8').decode(bytes);
  }
}

function latin1(bytes) {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}

function fromLatin1(text) {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
