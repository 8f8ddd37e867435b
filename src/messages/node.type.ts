import { Field, ID, InterfaceType } from '@nestjs/graphql';

/** The prefix of an id tells the type behind it. */
const TYPES = new Map([['msg', 'Message']]);

@InterfaceType('Node', {
  description: 'An object that can be found again by its id.',
  resolveType: (value: { id: string }) => TYPES.get(value.id.slice(0, value.id.indexOf('_'))),
})
export abstract class NodeType {
  @Field(() => ID, { description: 'Opaque and unique in the whole service.' })
  id: string;
}
