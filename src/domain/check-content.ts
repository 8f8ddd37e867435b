import type { MessageInput, MessageLimits } from './message-input.js';
import { lengthProblem, lineProblem, textProblem } from './text-problem.js';
import { userError } from './user-error.js';
import type { UserError } from './user-error.js';

interface Content {
  readonly text: string | undefined;
  readonly html: string | undefined;
  /** Of both, as UTF-8. */
  readonly bytes: number;
}

/** The subject; problems are added to `errors`. */
export function checkSubject(subject: string, limits: MessageLimits, errors: UserError[]): string {
  const malformed = lineProblem(subject);
  const tooLong = lengthProblem(subject, limits.maxSubjectChars);
  if (malformed !== undefined) errors.push(userError('INVALID_VALUE', ['subject'], malformed));
  else if (subject.trim() === '') errors.push(userError('REQUIRED', ['subject'], 'Give a subject.'));
  else if (tooLong !== undefined) errors.push(userError('TOO_LONG', ['subject'], tooLong));
  return subject;
}

/** Both bodies, newlines as they are; problems are added to `errors`. */
export function checkContent(content: MessageInput['content'], limits: MessageLimits, errors: UserError[]): Content {
  const text = content.text ?? '';
  const html = content.html ?? '';
  const path = ['content', 'inline'];
  if (text === '' && html === '') errors.push(userError('REQUIRED', path, 'Give text, html or both; they are empty.'));
  const bytes = checkBody(text, [...path, 'text'], limits, errors) + checkBody(html, [...path, 'html'], limits, errors);
  return { text: text === '' ? undefined : text, html: html === '' ? undefined : html, bytes };
}

function checkBody(body: string, path: readonly string[], limits: MessageLimits, errors: UserError[]): number {
  const bytes = Buffer.byteLength(body);
  if (bytes > limits.maxBodyBytes) {
    errors.push(
      userError('TOO_LARGE', path, `Give at most ${limits.maxBodyBytes} bytes of UTF-8; these are ${bytes}.`),
    );
  }
  const problem = textProblem(body);
  if (problem !== undefined) errors.push(userError('INVALID_VALUE', path, problem));
  return bytes;
}
