import { Field, ObjectType } from '@nestjs/graphql';
import type { RecipientStatus } from '../domain/recipient-status.js';
import { type WaitingKind, waitingFor } from '../domain/waiting-for.js';
import { DateTime } from '../graphql/date-time.scalar.js';
import { defineEnum } from '../graphql/define-enum.js';
import type { RecipientRow } from './recipient.entity.js';

const WaitingKindEnum = defineEnum<WaitingKind>(
  'WaitingKind',
  'What a recipient waits for. Later releases may add values.',
  {
    SCHEDULE: 'Its sendAt.',
    WORKER: 'It is due: the next free worker of its lane takes it.',
    RETRY: 'The next attempt in the schedule of its lane, after a deferral.',
    RATE_LIMIT: 'Its turn within the rate or the connections of the provider.',
    BREAKER: 'The provider, which does not answer; it goes as soon as that is back.',
    SITE: 'The hosts of its domain, which are slow, have asked for less, or do not answer.',
    ROUTE: 'A provider and a route: there is none for it.',
    DOUBT: 'Perhaps sent: news or an answer of the provider, or resolveInDoubt.',
    HOLD: 'An operator: it goes after releaseMessage.',
    LANE_PAUSED: 'An operator: its lane is paused, it goes after resumeLane.',
  },
);

@ObjectType('WaitingFor', { description: 'Why a recipient is not being handed over at the moment.' })
export class WaitingForType {
  @Field(() => WaitingKindEnum, { description: 'What it waits for.' })
  kind: WaitingKind;

  @Field(() => String, { nullable: true, description: 'Name of the provider or site it waits for, where it is one.' })
  on: string | null;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When it is looked at again, where that is known; it may go earlier.',
  })
  until: Date | null;
}

export function toWaitingFor(row: RecipientRow, status: RecipientStatus): WaitingForType | null {
  const { dueAt, isDue, waitingFor: code, waitingOn, lanePaused } = row;
  const job = dueAt === null ? undefined : { dueAt, isDue, waitingFor: code, waitingOn, lanePaused };
  const waiting = waitingFor(status, job);
  return waiting === undefined ? null : { kind: waiting.kind, on: waiting.on ?? null, until: waiting.until ?? null };
}
