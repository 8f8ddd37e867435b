import { Field, InputType } from '@nestjs/graphql';
import { IsOptional, IsString } from 'class-validator';

@InputType('MailboxInput', { description: 'A person or system that mail comes from or goes to.' })
export class MailboxInput {
  @IsString()
  @Field(() => String, {
    description: 'Exactly one address such as ada@example.com, without display name, comment or brackets.',
  })
  address: string;

  @IsOptional()
  @IsString()
  @Field(() => String, { nullable: true, description: 'The display name, as people should see it.' })
  name?: string | null;
}
