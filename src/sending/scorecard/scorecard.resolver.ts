import { Args, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { RequireScope } from '../../auth/require-scope.decorator.js';
import { decodeId, encodeId } from '../../domain/opaque-id.js';
import { PageArgs } from '../../graphql/page.args.js';
import { paginate } from '../../graphql/paginate.js';
import { topError } from '../../graphql/postern-error.js';
import { ProviderChangeRepository, type ProviderChangeRow } from './provider-change.repository.js';
import { ProviderChangeConnection, type ProviderChangeType, toProviderChange } from './provider-change.type.js';
import { ProviderMinuteRepository } from './provider-minute.repository.js';
import { ScorecardReader, checkProvider } from './scorecard-reader.js';
import { ScorecardArgs } from './scorecard.args.js';
import {
  ProviderScorecardType,
  ScorecardMinuteType,
  toProviderScorecard,
  toScorecardMinute,
} from './scorecard.type.js';

const MOST_MINUTES = 1440;

@Resolver(() => ProviderScorecardType)
export class ScorecardResolver {
  constructor(
    private readonly reader: ScorecardReader,
    private readonly minuteRows: ProviderMinuteRepository,
    private readonly changes: ProviderChangeRepository,
  ) {}

  @RequireScope('OPERATE')
  @Query(() => ProviderScorecardType, {
    description:
      'How a provider fares: what became of its attempts, how long they took, what it replied. A provider nothing was sent through has zeros. Workers add their counts every five seconds; they are kept for 35 days.',
  })
  async providerScorecard(@Args() { provider, lane, since, until }: ScorecardArgs): Promise<ProviderScorecardType> {
    const only = lane ?? undefined;
    const request = { provider, lane: only, since: since ?? undefined, until: until ?? undefined };
    return toProviderScorecard(await this.reader.read(request), only);
  }

  @RequireScope('OPERATE')
  @Query(() => ProviderChangeConnection, {
    description:
      'What happened to providers, newest first: breakers that opened and closed, and slow-downs. It is kept for 35 days.',
  })
  providerChanges(
    @Args() page: PageArgs,
    @Args('provider', { type: () => String, nullable: true, description: 'Only of this one. Default: of all.' })
    provider?: string | null,
  ): Promise<ProviderChangeConnection> {
    const name = provider ?? undefined;
    if (name !== undefined) checkProvider(name);
    return paginate<ProviderChangeRow, string, ProviderChangeType>(page, {
      fetch: (window) => this.changes.list(name, window),
      keyOf: (row) => row.id,
      encode: (id) => Buffer.from(encodeId('chg', id)).toString('base64url'),
      decode: (cursor) => decodeId('chg', Buffer.from(cursor, 'base64url').toString()),
      toNode: toProviderChange,
    });
  }

  @ResolveField('minutes', () => [ScorecardMinuteType], {
    description:
      'The same by the minute, the oldest first, for at most 24 hours; minutes without an attempt are left out.',
  })
  async minutes(@Parent() { range }: ProviderScorecardType): Promise<ScorecardMinuteType[]> {
    if (range.until.getTime() - range.since.getTime() > MOST_MINUTES * 60_000) {
      throw topError('BAD_REQUEST', 'Ask for the minutes of at most 24 hours at a time.');
    }
    return (await this.minuteRows.byMinute(range)).map(toScorecardMinute);
  }
}
