import { ArgsType, Field, Int } from '@nestjs/graphql';
import { Cursor } from '../graphql/cursor.scalar.js';

@ArgsType()
export class EventPageArgs {
  @Field(() => Int, { nullable: true, description: 'How many events, 1 to 100. Default: 25.' })
  first?: number | null;

  @Field(() => Cursor, {
    nullable: true,
    description: 'Only events after this cursor, whether it comes from a page, a stream or a mutation.',
  })
  after?: string | null;
}
