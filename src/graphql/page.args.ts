import { ArgsType, Field, Int } from '@nestjs/graphql';
import { Cursor } from './cursor.scalar.js';

export const MAX_PAGE = 100;
export const DEFAULT_PAGE = 25;

@ArgsType()
export class PageArgs {
  @Field(() => Int, { nullable: true, description: 'How many entries from the start, 1 to 100. Default: 25.' })
  first?: number | null;

  @Field(() => Cursor, { nullable: true, description: 'Only entries after this cursor.' })
  after?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'How many entries from the end, 1 to 100; not together with first.',
  })
  last?: number | null;

  @Field(() => Cursor, { nullable: true, description: 'Only entries before this cursor.' })
  before?: string | null;
}
