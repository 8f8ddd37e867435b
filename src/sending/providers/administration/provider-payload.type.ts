import { Field, ObjectType } from '@nestjs/graphql';
import type { UserError } from '../../../domain/user-error.js';
import { toUserError, UserErrorType } from '../../../graphql/user-error.type.js';
import type { BrokenProvider, Provider } from '../provider.js';
import { ProviderType, toProvider } from './provider.type.js';

@ObjectType({ isAbstract: true })
abstract class ProviderPayload {
  @Field(() => ProviderType, { nullable: true, description: 'The provider as it is now; null when it was refused.' })
  provider: ProviderType | null;

  @Field(() => [UserErrorType], { description: 'Why it was refused; empty when it was not.' })
  userErrors: UserErrorType[];
}

@ObjectType({ description: 'The provider that was made, or why none was.' })
export class CreateProviderPayload extends ProviderPayload {}

@ObjectType({ description: 'The provider that was changed, or why it was not.' })
export class UpdateProviderPayload extends ProviderPayload {}

@ObjectType({ description: 'The provider that gets no new mail, or why nothing changed.' })
export class DrainProviderPayload extends ProviderPayload {}

@ObjectType({ description: 'The provider that gets mail again, or why nothing changed.' })
export class ResumeProviderPayload extends ProviderPayload {}

@ObjectType({ description: 'The provider that was deleted, or why it was not.' })
export class DeleteProviderPayload {
  @Field(() => String, { nullable: true, description: 'The name of the deleted one; null when it was refused.' })
  deletedName: string | null;

  @Field(() => [UserErrorType], { description: 'Why it was refused; empty when it was not.' })
  userErrors: UserErrorType[];
}

export function toProviderPayload(
  answer: { readonly provider: Provider | BrokenProvider } | { readonly errors: readonly UserError[] },
): ProviderPayload {
  if ('errors' in answer) return { provider: null, userErrors: answer.errors.map(toUserError) };
  return { provider: toProvider(answer.provider), userErrors: [] };
}
