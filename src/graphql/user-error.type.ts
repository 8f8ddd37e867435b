import { Field, Float, ObjectType } from '@nestjs/graphql';
import { docsUrl, type ErrorCode, type UserError } from '../domain/user-error.js';
import { ErrorCodeEnum } from './enums/error-code.enum.js';

@ObjectType('UserError', { description: 'Why a value was refused, and what to do about it.' })
export class UserErrorType {
  @Field(() => ErrorCodeEnum, { description: 'What is wrong, for programs.' })
  code: ErrorCode;

  @Field(() => String, { description: 'What is wrong, for people.' })
  message: string;

  @Field(() => [String], {
    nullable: true,
    description: 'Where the value stands in the input, such as ["to", "0", "address"]; null when no value is to blame.',
  })
  path: readonly string[] | null;

  @Field(() => Boolean, { description: 'True when the same request may succeed later.' })
  retryable: boolean;

  @Field(() => Float, { nullable: true, description: 'Seconds to wait before trying again.' })
  retryAfter: number | null;

  @Field(() => String, { description: 'The page that explains the code, relative to the service.' })
  docsUrl: string;
}

export function toUserError(error: UserError): UserErrorType {
  return {
    code: error.code,
    message: error.message,
    path: error.path.length > 0 ? error.path : null,
    retryable: error.retryable,
    retryAfter: error.retryAfter ?? null,
    docsUrl: docsUrl(error.code),
  };
}
