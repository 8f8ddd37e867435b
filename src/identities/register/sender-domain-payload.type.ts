import { Field, ID, ObjectType } from '@nestjs/graphql';
import { UserErrorType } from '../../graphql/user-error.type.js';
import { DomainType } from './sender-domain.type.js';

@ObjectType({ isAbstract: true })
class DomainPayload {
  @Field(() => DomainType, { nullable: true, description: 'The domain as it is now; null when it was refused.' })
  domain: DomainType | null;

  @Field(() => [UserErrorType], { description: 'Why it was refused; empty when it was not.' })
  userErrors: UserErrorType[];
}

@ObjectType({ description: 'The domain with the records to publish, or why it was not registered.' })
export class CreateDomainPayload extends DomainPayload {}

@ObjectType({ description: 'The domain with what DNS said about each record. A record that is wrong is no userError.' })
export class VerifyDomainPayload extends DomainPayload {}

@ObjectType({ description: 'The domain with the record of its next key to publish, or why none was made.' })
export class RotateDkimKeyPayload extends DomainPayload {}

@ObjectType({ description: 'The domain that is gone, or why it is not.' })
export class DeleteDomainPayload {
  @Field(() => ID, { nullable: true, description: 'Id of the domain; null when it was refused.' })
  deletedId: string | null;

  @Field(() => [UserErrorType], { description: 'Why it was refused; empty when it was not.' })
  userErrors: UserErrorType[];
}
