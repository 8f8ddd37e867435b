import { Logger } from '@nestjs/common';
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import { CurrentPrincipal } from '../../auth/current-principal.decorator.js';
import { RequireScope } from '../../auth/require-scope.decorator.js';
import { Pools } from '../../database/pools.js';
import { Signals } from '../../database/signals.js';
import type { Transaction } from '../../database/transaction.js';
import type { Lane } from '../../domain/lane.js';
import type { Principal } from '../../domain/principal.js';
import { lengthProblem, lineProblem } from '../../domain/text-problem.js';
import { type UserError, userError } from '../../domain/user-error.js';
import { toUserError } from '../../graphql/user-error.type.js';
import { PauseLaneInput, ResumeLaneInput } from './lane.input.js';
import { LaneRepository } from './lane.repository.js';
import { LaneStateType, PauseLanePayload, ResumeLanePayload, toLaneState } from './lane.type.js';

const MAX_REASON = 200;

@Resolver(() => LaneStateType)
export class LaneResolver {
  private readonly logger = new Logger(LaneResolver.name);

  constructor(
    private readonly repository: LaneRepository,
    private readonly pools: Pools,
    private readonly signals: Signals,
  ) {}

  @RequireScope('OPERATE')
  @Query(() => [LaneStateType], { description: 'The four lanes as they stand, the most urgent first.' })
  async lanes(): Promise<LaneStateType[]> {
    return (await this.repository.list()).map(toLaneState);
  }

  @RequireScope('OPERATE')
  @Mutation(() => PauseLanePayload, {
    description:
      'Pauses a lane for all tenants. Mail is still accepted, and waits; what is being handed over at the moment is finished. Expiry times go on running.',
  })
  async pauseLane(
    @CurrentPrincipal() principal: Principal,
    @Args('input', { description: 'Which lane, and why.' }) { lane, reason }: PauseLaneInput,
  ): Promise<PauseLanePayload> {
    const error = reasonProblem(reason);
    if (error !== undefined) return { lane: null, userErrors: [toUserError(error)] };
    const state = await this.change(lane, (tx) => this.repository.pause(tx, lane, reason.trim()));
    this.logger.warn({ msg: 'lane paused', lane, byKeyId: principal.keyId });
    return { lane: state, userErrors: [] };
  }

  @RequireScope('OPERATE')
  @Mutation(() => ResumeLanePayload, {
    description: 'Lets a paused lane go on. One that is not paused stays as it is.',
  })
  async resumeLane(
    @CurrentPrincipal() principal: Principal,
    @Args('input', { description: 'Which lane.' }) { lane }: ResumeLaneInput,
  ): Promise<ResumeLanePayload> {
    const state = await this.change(lane, (tx) => this.repository.resume(tx, lane));
    this.logger.warn({ msg: 'lane resumed', lane, byKeyId: principal.keyId });
    return { lane: state, userErrors: [] };
  }

  private async change(lane: Lane, step: (tx: Transaction) => Promise<void>): Promise<LaneStateType | null> {
    await this.pools.transaction(this.pools.main, step);
    this.signals.publish('lanes');
    const row = (await this.repository.list()).find((one) => one.lane === lane);
    return row === undefined ? null : toLaneState(row);
  }
}

function reasonProblem(reason: string): UserError | undefined {
  if (reason.trim() === '')
    return userError('REQUIRED', ['reason'], 'Say why, for those who wonder where their mail is.');
  const line = lineProblem(reason);
  if (line !== undefined) return userError('INVALID_VALUE', ['reason'], line);
  const length = lengthProblem(reason, MAX_REASON);
  return length === undefined ? undefined : userError('TOO_LONG', ['reason'], length);
}
