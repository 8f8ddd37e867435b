import { Field, InputType } from '@nestjs/graphql';
import { Type } from 'class-transformer';
import { IsArray, IsBoolean, IsDate, IsDefined, IsIn, IsOptional, IsString, ValidateNested } from 'class-validator';
import { type InDoubtPolicy, IN_DOUBT_POLICIES } from '../../domain/in-doubt-policy.js';
import { type Lane, LANES } from '../../domain/lane.js';
import { DateTime } from '../../graphql/date-time.scalar.js';
import { InDoubtPolicyEnum } from '../../graphql/enums/in-doubt-policy.enum.js';
import { LaneEnum } from '../../graphql/enums/lane.enum.js';
import { AttachmentInput } from './attachment.input.js';
import { ContentInput } from './content.input.js';
import { MailboxInput } from './mailbox.input.js';
import { HeaderInput, MetadataEntryInput } from './name-value.input.js';

@InputType('SendMessageInput', { description: 'A message to be sent. All recipients get the same content.' })
export class SendMessageInput {
  @IsOptional()
  @IsString()
  @Field(() => String, {
    nullable: true,
    description:
      'Makes repeating safe: the same key and input give the first message again, another input a conflict. Printable ASCII, at most 256 characters. The header Idempotency-Key does the same for a document with one mutation, and is refused with more.',
  })
  idempotencyKey?: string | null;

  @IsDefined()
  @ValidateNested()
  @Type(() => MailboxInput)
  @Field(() => MailboxInput, { description: 'Who it is from.' })
  from: MailboxInput;

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => MailboxInput)
  @Field(() => [MailboxInput], { description: 'Who it goes to, at least one.' })
  to: MailboxInput[];

  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => MailboxInput)
  @Field(() => [MailboxInput], { nullable: true, description: 'Who gets a copy that the others see.' })
  cc?: MailboxInput[] | null;

  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => MailboxInput)
  @Field(() => [MailboxInput], { nullable: true, description: 'Who gets a copy that the others do not see.' })
  bcc?: MailboxInput[] | null;

  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => MailboxInput)
  @Field(() => [MailboxInput], { nullable: true, description: 'Where answers go, when not to the sender.' })
  replyTo?: MailboxInput[] | null;

  @IsString()
  @Field(() => String, { description: 'One line.' })
  subject: string;

  @IsDefined()
  @ValidateNested()
  @Type(() => ContentInput)
  @Field(() => ContentInput, { description: 'What it says.' })
  content: ContentInput;

  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => HeaderInput)
  @Field(() => [HeaderInput], { nullable: true, description: 'Custom headers.' })
  headers?: HeaderInput[] | null;

  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => AttachmentInput)
  @Field(() => [AttachmentInput], { nullable: true, description: 'Files that go with it.' })
  attachments?: AttachmentInput[] | null;

  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  @Field(() => [String], { nullable: true, description: 'Labels to find it by; not sent. At most 10.' })
  tags?: string[] | null;

  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => MetadataEntryInput)
  @Field(() => [MetadataEntryInput], { nullable: true, description: 'Your own values; not sent. At most 20.' })
  metadata?: MetadataEntryInput[] | null;

  @IsOptional()
  @IsIn(LANES)
  @Field(() => LaneEnum, { nullable: true, description: 'How urgent it is. Default: TRANSACTIONAL.' })
  lane?: Lane | null;

  @IsOptional()
  @IsDate()
  @Field(() => DateTime, { nullable: true, description: 'Not to be sent before this time. Default: at once.' })
  sendAt?: Date | null;

  @IsOptional()
  @IsDate()
  @Field(() => DateTime, {
    nullable: true,
    description: 'Not to be sent after this time. Default: ten minutes in lane OTP, none in the others.',
  })
  expiresAt?: Date | null;

  @IsOptional()
  @IsIn(IN_DOUBT_POLICIES)
  @Field(() => InDoubtPolicyEnum, {
    nullable: true,
    description: 'What to do when nobody knows whether it was taken. Default: RESEND.',
  })
  inDoubt?: InDoubtPolicy | null;

  @IsOptional()
  @IsBoolean()
  @Field(() => Boolean, { nullable: true, description: 'Store it, but send it only after releaseMessage.' })
  hold?: boolean | null;
}
