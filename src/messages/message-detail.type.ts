import { Field, ObjectType } from '@nestjs/graphql';

@ObjectType('MetadataEntry', { description: 'A value of your own, kept with the message and never sent.' })
export class MetadataEntryType {
  @Field(() => String, { description: 'Name of the entry, unique in the message.' })
  key: string;

  @Field(() => String, { description: 'Its value.' })
  value: string;
}

@ObjectType('Header', { description: 'A custom header of a message.' })
export class HeaderType {
  @Field(() => String, { description: 'Name of the header, as given.' })
  name: string;

  @Field(() => String, { description: 'Its value, not folded or encoded.' })
  value: string;
}
