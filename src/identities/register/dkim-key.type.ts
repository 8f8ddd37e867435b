import { Field, ObjectType } from '@nestjs/graphql';
import type { DkimAlgorithm } from '../../domain/dkim/dkim-signature.js';
import type { DkimKeyState } from '../../domain/sender-domain.js';
import { DateTime } from '../../graphql/date-time.scalar.js';
import { DkimAlgorithmEnum, DkimKeyStateEnum } from './domain.enum.js';
import { isRemovable, removableFrom } from './dns-record.js';
import type { DkimKeyRow } from './sender-domain.entity.js';

@ObjectType('DkimKey', {
  description: 'A key that mail of a domain is or was signed with. Its secret half is never told.',
})
export class DkimKeyType {
  @Field(() => String, { description: 'The name of its record in front of `._domainkey.` and the domain.' })
  selector: string;

  @Field(() => DkimAlgorithmEnum, { description: 'How it signs.' })
  algorithm: DkimAlgorithm;

  @Field(() => DkimKeyStateEnum, { description: 'What it is used for.' })
  state: DkimKeyState;

  @Field(() => DateTime, { description: 'When it was made.' })
  createdAt: Date;

  @Field(() => DateTime, { nullable: true, description: 'Since when it signs, or from when on it did.' })
  activatedAt: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When another took over.' })
  retiredAt: Date | null;

  @Field(() => DateTime, {
    nullable: true,
    description: 'Until then the record of a retired key must stay; null while the key is in use.',
  })
  removableFrom: Date | null;

  @Field(() => Boolean, { description: 'True when its record can be removed from DNS.' })
  removable: boolean;
}

export function toDkimKey(key: DkimKeyRow, now: Date): DkimKeyType {
  const { selector, algorithm, state, createdAt, activatedAt, retiredAt } = key;
  const times = { createdAt, activatedAt, retiredAt, removableFrom: removableFrom(key) ?? null };
  return { selector, algorithm, state, ...times, removable: isRemovable(key, now) };
}
