import { Field, InputType } from '@nestjs/graphql';
import { Type } from 'class-transformer';
import { IsDefined, IsOptional, IsString, ValidateNested } from 'class-validator';

@InputType('AttachmentSourceInput', {
  description: 'Where the bytes come from: exactly one of the fields.',
  isOneOf: true,
})
export class AttachmentSourceInput {
  @IsOptional()
  @IsString()
  @Field(() => String, { nullable: true, description: 'The bytes themselves, in standard base64.' })
  base64?: string | null;
}

@InputType('AttachmentInput', { description: 'A file that goes with the message.' })
export class AttachmentInput {
  @IsString()
  @Field(() => String, { description: 'Name the receiver sees, without a path.' })
  filename: string;

  @IsOptional()
  @IsString()
  @Field(() => String, {
    nullable: true,
    description: 'Media type such as application/pdf. Default: application/octet-stream.',
  })
  contentType?: string | null;

  @IsOptional()
  @IsString()
  @Field(() => String, {
    nullable: true,
    description: 'Makes the file inline: the HTML names it as cid:<contentId>. Without angle brackets.',
  })
  contentId?: string | null;

  @IsDefined()
  @ValidateNested()
  @Type(() => AttachmentSourceInput)
  @Field(() => AttachmentSourceInput, { description: 'Where the bytes come from.' })
  source: AttachmentSourceInput;
}
