import { Field, InputType } from '@nestjs/graphql';
import { IsString } from 'class-validator';

@InputType('HeaderInput', { description: 'A custom header.' })
export class HeaderInput {
  @IsString()
  @Field(() => String, { description: 'An X-… header or one of the allowed standard ones, each at most once.' })
  name: string;

  @IsString()
  @Field(() => String, { description: 'Its value: one line, not folded or encoded.' })
  value: string;
}

@InputType('MetadataEntryInput', { description: 'A value of your own, kept with the message and never sent.' })
export class MetadataEntryInput {
  @IsString()
  @Field(() => String, { description: 'Name of the entry, unique in the message.' })
  key: string;

  @IsString()
  @Field(() => String, { description: 'Its value.' })
  value: string;
}
