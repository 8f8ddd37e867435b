import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import type { Lane } from '../../../domain/lane.js';
import { encodeId } from '../../../domain/opaque-id.js';
import type { ProviderSource } from '../../../domain/provider.js';
import type { Route } from '../../../domain/route.js';
import { LaneEnum } from '../../../graphql/enums/lane.enum.js';
import { UserErrorType } from '../../../graphql/user-error.type.js';
import { ProviderSourceEnum } from './provider-source.enum.js';

@ObjectType('WeightedProvider', { description: 'A provider’s part of the mail of a step.' })
class WeightedProviderType {
  @Field(() => String, { description: 'Name of the provider.' })
  provider: string;

  @Field(() => Int, { description: 'In proportion to the others of the step.' })
  weight: number;
}

@ObjectType('RouteStep', { description: 'Providers that share the mail.' })
class RouteStepType {
  @Field(() => [WeightedProviderType], { description: 'The providers.' })
  providers: readonly WeightedProviderType[];
}

@ObjectType('Route', { description: 'Which way some of the mail takes: mail that has all that is not null.' })
export class RouteType {
  @Field(() => ProviderSourceEnum, { description: 'Where it was made, and is changed.' })
  source: ProviderSource;

  @Field(() => ID, { nullable: true, description: 'Only mail of this tenant.' })
  tenantId: string | null;

  @Field(() => LaneEnum, { nullable: true, description: 'Only mail in this lane.' })
  lane: Lane | null;

  @Field(() => String, { nullable: true, description: 'Only mail from this domain, or from those below it.' })
  senderDomain: string | null;

  @Field(() => String, { nullable: true, description: 'Only mail to this domain, or to those below it.' })
  recipientDomain: string | null;

  @Field(() => [RouteStepType], { description: 'Later ones are for what the earlier ones could not take.' })
  steps: RouteStepType[];
}

@ObjectType('RouteList', { description: 'All routes. The most specific one that fits a message is taken.' })
export class RouteListType {
  @Field(() => String, { description: 'Changes with every change of the routes made by mutation; for setRoutes.' })
  version: string;

  @Field(() => [RouteType], {
    description:
      'Those of the configuration, then those made by mutation, each in their order, then that of the relay.',
  })
  nodes: RouteType[];
}

@ObjectType({ description: 'The routes as they are now, or why they were not replaced.' })
export class SetRoutesPayload {
  @Field(() => RouteListType, { nullable: true, description: 'All routes; null when they were refused.' })
  routes: RouteListType | null;

  @Field(() => [UserErrorType], { description: 'Why they were refused; empty when they were not.' })
  userErrors: UserErrorType[];
}

export function toRoute(route: Route, source: ProviderSource): RouteType {
  return {
    source,
    tenantId: route.tenantId === undefined ? null : encodeId('tnt', route.tenantId),
    lane: route.lane ?? null,
    senderDomain: route.senderDomain ?? null,
    recipientDomain: route.recipientDomain ?? null,
    steps: route.steps.map((providers) => ({ providers })),
  };
}
