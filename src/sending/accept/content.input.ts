import { Field, InputType } from '@nestjs/graphql';
import { Type } from 'class-transformer';
import { IsOptional, IsString, ValidateNested } from 'class-validator';

@InputType('InlineContentInput', { description: 'Content given with the message: text, html or both.' })
export class InlineContentInput {
  @IsOptional()
  @IsString()
  @Field(() => String, {
    nullable: true,
    description: 'Plain text. When only html is given, a text version is made of it.',
  })
  text?: string | null;

  @IsOptional()
  @IsString()
  @Field(() => String, { nullable: true, description: 'HTML. Images can be attached and named by content id.' })
  html?: string | null;
}

@InputType('ContentInput', { description: 'Where the content comes from: exactly one of the fields.', isOneOf: true })
export class ContentInput {
  @IsOptional()
  @ValidateNested()
  @Type(() => InlineContentInput)
  @Field(() => InlineContentInput, { nullable: true, description: 'Given with the message.' })
  inline?: InlineContentInput | null;
}
