import { expect, it } from '@jest/globals';
import { ERRORS, docsUrl, userError } from './user-error.js';
import type { ErrorCode } from './user-error.js';

const CODES = Object.keys(ERRORS) as ErrorCode[];

it.each(CODES)('%s says what happened and what to do', (code) => {
  expect(ERRORS[code].when).toMatch(/^[A-Za-z].*\.$/);
  expect(ERRORS[code].fix).toMatch(/^[A-Z].*\.$/);
  expect(docsUrl(code)).toBe(`/docs/errors#${code}`);
});

it('an error has the text and the retryability of its code unless told otherwise', () => {
  expect(userError('REQUIRED', ['to'])).toEqual({
    code: 'REQUIRED',
    path: ['to'],
    message: ERRORS.REQUIRED.when,
    retryable: false,
  });
  expect(userError('UNAVAILABLE', [], 'Later.')).toMatchObject({ message: 'Later.', retryable: true });
});
