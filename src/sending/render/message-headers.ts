import type { Composition } from '../../domain/message-draft.js';
import { encodeAddressList } from './encode-address-list.js';
import { encodeHeader } from './encode-header.js';
import { mustMatch } from './must-match.js';

// Those written here, those that name recipients, and those that say how to read the body.
const RESERVED =
  /^(?:from|sender|to|cc|bcc|reply-to|subject|date|message-id|mime-version|x-postern-id|return-path|received|(?:resent|content)-.*)$/i;
const FIELD_NAME = /^[!-9;-~]{1,76}$/;
const MESSAGE_ID = /^[!-;=?A-~]{1,200}@[!-;=?A-~]{1,255}$/;
const OPAQUE_ID = /^[\w-]{1,100}$/;

/** The headers of the message but those of its body; Bcc is never among them. */
export function messageHeaders(c: Composition): string {
  let headers = `Date: ${dateTime(c.date)}\r\n${encodeAddressList('From', [c.from])}`;
  if (c.replyTo.length > 0) headers += encodeAddressList('Reply-To', c.replyTo);
  if (c.to.length > 0) headers += encodeAddressList('To', c.to);
  else if (c.cc.length === 0) headers += 'To: undisclosed-recipients:;\r\n';
  if (c.cc.length > 0) headers += encodeAddressList('Cc', c.cc);
  headers += encodeHeader('Subject', c.subject);
  headers += `Message-ID: <${mustMatch(c.messageIdHeader, MESSAGE_ID, 'Message-ID')}>\r\n`;
  headers += `X-Postern-Id: ${mustMatch(c.correlationId, OPAQUE_ID, 'correlation id')}\r\n`;
  for (const [name, value] of c.headers) headers += encodeHeader(customName(name), value);
  return `${headers}MIME-Version: 1.0\r\n`;
}

function customName(name: string): string {
  if (RESERVED.test(name)) throw new TypeError('A custom header of the composition has a reserved name.');
  return mustMatch(name, FIELD_NAME, 'header name');
}

/** RFC 5322 section 3.3; toUTCString has the form but for the zone. */
function dateTime(date: Date): string {
  return mustMatch(date.toUTCString(), / GMT$/, 'date').replace('GMT', '+0000');
}
