import type { Attachment, Composition } from '../../domain/message-draft.js';
import { encodeBody } from './encode-body.js';
import { encodeParameter, encodePlainParameter } from './encode-parameter.js';
import type { Leaf, MimePart, Multipart } from './mime-part.js';
import { mustMatch } from './must-match.js';
import { textFromHtml } from './text-from-html.js';

const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/;
const CONTENT_ID = /^[!-;=?-~]{1,255}$/;

/**
 * The tree of parts, no level more than needed:
 * mixed( alternative( text, related( html, inline… ) ), attachments… )
 */
export function messageBody(c: Composition): MimePart {
  const inline: Attachment[] = [];
  const attached: Attachment[] = [];
  for (const a of c.attachments) (c.html !== undefined && isInline(a) ? inline : attached).push(a);

  const body = readablePart(c, inline);
  if (attached.length === 0) return body;
  return multipart('mixed', [body, ...attached.map((a) => attachmentPart(a, 'attachment'))]);
}

/** What HTML can show. A text would be read as one more piece of the body, whatever its place. */
function isInline({ contentId, contentType }: Attachment): boolean {
  return contentId !== undefined && !contentType.startsWith('text/');
}

function readablePart({ text, html }: Composition, inline: readonly Attachment[]): MimePart {
  if (html === undefined) return textPart('plain', text ?? '');
  const plain = text ?? textFromHtml(html);
  const related = htmlPart(html, inline);
  // The last alternative is the preferred one (RFC 2046 section 5.1.4).
  return plain === undefined ? related : multipart('alternative', [textPart('plain', plain), related]);
}

function htmlPart(html: string, inline: readonly Attachment[]): MimePart {
  const part = textPart('html', html);
  if (inline.length === 0) return part;
  return multipart('related', [part, ...inline.map((a) => attachmentPart(a, 'inline'))], ';\r\n type="text/html"');
}

function multipart(subtype: Multipart['subtype'], parts: readonly MimePart[], parameters = ''): Multipart {
  return { subtype, parameters, parts };
}

function textPart(subtype: 'plain' | 'html', text: string): Leaf {
  const { transferEncoding, content } = encodeBody(text);
  return {
    headers: `Content-Type: text/${subtype}; charset=utf-8\r\nContent-Transfer-Encoding: ${transferEncoding}\r\n`,
    content,
    verbatim: transferEncoding === '7bit',
  };
}

function attachmentPart(attachment: Attachment, disposition: 'attachment' | 'inline'): Leaf {
  const { filename, contentType, contentId, content } = attachment;
  let headers = `Content-Type: ${leafType(contentType)}${encodePlainParameter('name', filename)}\r\n`;
  headers += 'Content-Transfer-Encoding: base64\r\n';
  if (contentId !== undefined) headers += `Content-ID: <${mustMatch(contentId, CONTENT_ID, 'content id')}>\r\n`;
  headers += `Content-Disposition: ${disposition}${encodeParameter('filename', filename)}\r\n`;
  return { headers, content, verbatim: false };
}

/** message/* and multipart/* must not be base64 (RFC 2046), and would be read as parts of their own. */
function leafType(contentType: string): string {
  const isLeaf = MEDIA_TYPE.test(contentType) && !/^(?:message|multipart)\//.test(contentType);
  return isLeaf ? contentType : 'application/octet-stream';
}
