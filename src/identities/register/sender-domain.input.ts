import { Field, ID, InputType } from '@nestjs/graphql';

@InputType('CreateDomainInput', { description: 'A domain to send from.' })
export class CreateDomainInput {
  @Field(() => String, {
    description: 'Its name, such as example.com. Its subdomains come with it.',
  })
  name: string;

  @Field(() => Boolean, {
    nullable: true,
    description: 'True: sign with an Ed25519 key as well, which needs a record of its own. Default: false.',
  })
  ed25519?: boolean | null;

  @Field(() => String, {
    nullable: true,
    description: 'The label in front of the name that bounces come back to. Default: bounce.',
  })
  returnPathSubdomain?: string | null;
}

@InputType('VerifyDomainInput', { description: 'A domain whose records are published.' })
export class VerifyDomainInput {
  @Field(() => ID, { description: 'Id of the domain.' })
  id: string;
}

@InputType('RotateDkimKeyInput', { description: 'A domain whose key is to be replaced.' })
export class RotateDkimKeyInput {
  @Field(() => ID, { description: 'Id of the domain.' })
  id: string;

  @Field(() => Boolean, {
    nullable: true,
    description: 'True: from now on sign with an Ed25519 key as well. Default: as before.',
  })
  ed25519?: boolean | null;
}

@InputType('DeleteDomainInput', { description: 'A domain that is no longer sent from.' })
export class DeleteDomainInput {
  @Field(() => ID, { description: 'Id of the domain.' })
  id: string;
}
