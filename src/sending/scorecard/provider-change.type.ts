import { Field, ID, ObjectType } from '@nestjs/graphql';
import { type Lane, laneOf } from '../../domain/lane.js';
import { encodeId } from '../../domain/opaque-id.js';
import { Connection, Edge } from '../../graphql/connection.js';
import { DateTime } from '../../graphql/date-time.scalar.js';
import { defineEnum } from '../../graphql/define-enum.js';
import { LaneEnum } from '../../graphql/enums/lane.enum.js';
import type { PaceChangeName } from '../pacing/pace-change.js';
import type { ProviderChangeRow } from './provider-change.repository.js';

const ProviderChangeKindEnum = defineEnum<PaceChangeName>(
  'ProviderChangeKind',
  'What happened to a provider, or to a site behind it. Later releases may add values.',
  {
    OPENED: 'It did not answer: nothing goes any more, until a look finds it back.',
    CLOSED: 'It answers again: mail goes, at first slowly.',
    SLOWED: 'It asked for less: mail goes more slowly.',
  },
);

@ObjectType('ProviderChange', { description: 'A line in the history of a provider.' })
export class ProviderChangeType {
  @Field(() => ID, { description: 'Opaque id of the change.' })
  id: string;

  @Field(() => String, { description: 'Name of the provider.' })
  provider: string;

  @Field(() => LaneEnum, { nullable: true, description: 'The lane it is about; null where it is about a site.' })
  lane: Lane | null;

  @Field(() => String, {
    nullable: true,
    description: 'The site behind the provider, or recipient domain, that it is about; null where it is about a lane.',
  })
  site: string | null;

  @Field(() => ProviderChangeKindEnum, { description: 'What happened.' })
  change: PaceChangeName;

  @Field(() => String, { description: 'Why, in the words of the other side where it said something.' })
  note: string;

  @Field(() => DateTime, { description: 'When.' })
  at: Date;
}

@ObjectType('ProviderChangeEdge', { description: 'A change in a page.' })
class ProviderChangeEdge extends Edge(() => ProviderChangeType) {}

@ObjectType('ProviderChangeConnection', { description: 'A page of changes, newest first.' })
export class ProviderChangeConnection extends Connection(
  () => ProviderChangeType,
  () => ProviderChangeEdge,
) {}

export function toProviderChange({ id, lane, ...row }: ProviderChangeRow): ProviderChangeType {
  return { ...row, id: encodeId('chg', id), lane: lane === null ? null : laneOf(lane) };
}
