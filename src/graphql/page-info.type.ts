import { Field, ObjectType } from '@nestjs/graphql';
import { Cursor } from './cursor.scalar.js';

@ObjectType('PageInfo', { description: 'How a page lies in its list.' })
export class PageInfo {
  @Field(() => Boolean, { description: 'True when the list goes on after this page.' })
  hasNextPage: boolean;

  @Field(() => Boolean, { description: 'True when the list has entries before this page.' })
  hasPreviousPage: boolean;

  @Field(() => Cursor, { nullable: true, description: 'The cursor of the first entry; null for an empty page.' })
  startCursor: string | null;

  @Field(() => Cursor, { nullable: true, description: 'The cursor of the last entry; null for an empty page.' })
  endCursor: string | null;
}
