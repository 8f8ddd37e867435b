import { contentTypeProblem, guessContentType } from './content-type.js';
import type { Attachment } from './message-draft.js';
import type { AttachmentInput, MessageLimits } from './message-input.js';
import { lengthProblem, lineProblem } from './text-problem.js';
import { userError } from './user-error.js';
import type { UserError } from './user-error.js';

const MAX_FILENAME = 255;
const MAX_CONTENT_ID = 255;

// Embeddings, overrides and isolates make photo_exe.jpg of what ends in .exe.
const REORDERING = /[\u202a-\u202e\u2066-\u2069]/;

// What needs no quoting in a header and no escaping in a cid: URL.
const CONTENT_ID = /^[A-Za-z0-9._+-]+(?:@[A-Za-z0-9.-]+)?$/;

/** The attachments, decoded, as far as they are right; problems are added to `errors`. */
export function checkAttachments(
  inputs: readonly AttachmentInput[],
  limits: MessageLimits,
  errors: UserError[],
): readonly Attachment[] {
  if (inputs.length > limits.maxAttachments) {
    const message = `Give at most ${limits.maxAttachments} attachments; these are ${inputs.length}.`;
    errors.push(userError('TOO_MANY', ['attachments'], message));
    return [];
  }
  const contentIds = new Set<string>();
  return inputs.map((input, i) => {
    const path = ['attachments', String(i)];
    return {
      filename: checkFilename(input.filename, [...path, 'filename'], errors),
      contentType: checkContentType(input, [...path, 'contentType'], errors),
      contentId: checkContentId(input.contentId ?? undefined, [...path, 'contentId'], contentIds, errors),
      content: decode(input.base64, [...path, 'source', 'base64'], limits, errors),
    };
  });
}

function checkFilename(filename: string, path: readonly string[], errors: UserError[]): string {
  const tooLong = lengthProblem(filename, MAX_FILENAME);
  if (filename.trim() === '') errors.push(userError('REQUIRED', path, 'Give the name of the file.'));
  else if (tooLong !== undefined) errors.push(userError('TOO_LONG', path, tooLong));
  const problem = lineProblem(filename) ?? filenameProblem(filename);
  if (problem !== undefined) errors.push(userError('INVALID_ATTACHMENT', path, problem));
  return filename;
}

function filenameProblem(filename: string): string | undefined {
  if (/[/\\]/.test(filename) || /^\.{1,2}$/.test(filename))
    return 'Give a plain file name: no folders, no / and no \\.';
  return REORDERING.test(filename) ? 'Remove the characters that change the direction of writing.' : undefined;
}

function checkContentType(input: AttachmentInput, path: readonly string[], errors: UserError[]): string {
  const type = input.contentType?.toLowerCase() ?? guessContentType(input.filename);
  const problem = contentTypeProblem(type);
  if (problem !== undefined) errors.push(userError('INVALID_ATTACHMENT', path, problem));
  return type;
}

function checkContentId(
  id: string | undefined,
  path: readonly string[],
  seen: Set<string>,
  errors: UserError[],
): string | undefined {
  if (id === undefined) return undefined;
  if (id.length > MAX_CONTENT_ID || !CONTENT_ID.test(id)) {
    const message = `Give at most ${MAX_CONTENT_ID} letters, digits and . _ + - with at most one @, and no angle brackets.`;
    errors.push(userError('INVALID_ATTACHMENT', path, message));
  } else if (seen.has(id)) {
    errors.push(userError('INVALID_ATTACHMENT', path, 'Give each attachment a content id of its own.'));
  }
  seen.add(id);
  return id;
}

/** The size is known before anything is decoded; only the one spelling of the bytes is taken. */
function decode(base64: string, path: readonly string[], limits: MessageLimits, errors: UserError[]): Buffer {
  const padding = Number(base64.at(-1) === '=') + Number(base64.at(-2) === '=');
  const size = Math.floor((base64.length * 3) / 4) - padding;
  if (size > limits.maxAttachmentBytes) {
    const message = `Give at most ${limits.maxAttachmentBytes} bytes; these are ${size} after decoding.`;
    errors.push(userError('TOO_LARGE', path, message));
    return Buffer.alloc(0);
  }
  const content = Buffer.from(base64, 'base64');
  // Node skips what is not base64, takes the URL alphabet and needs no padding.
  if (content.toString('base64') !== base64) {
    const message = 'Give standard base64 (RFC 4648 section 4) with padding and without newlines or a data: prefix.';
    errors.push(userError('INVALID_ATTACHMENT', path, message));
  }
  return content;
}
