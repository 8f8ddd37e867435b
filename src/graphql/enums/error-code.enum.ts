import { type ErrorCode, ERRORS } from '../../domain/user-error.js';
import { defineEnum } from '../define-enum.js';

const codes = Object.keys(ERRORS) as ErrorCode[];

export const ErrorCodeEnum = defineEnum<ErrorCode>(
  'ErrorCode',
  'Every error a client can meet, in userErrors or in extensions.code. Later releases may add values.',
  Object.fromEntries(codes.map((code) => [code, `${ERRORS[code].when} ${ERRORS[code].fix}`])) as Record<
    ErrorCode,
    string
  >,
);
