import { Field, ID, InputType, Int } from '@nestjs/graphql';
import type { Lane } from '../../../domain/lane.js';
import { LaneEnum } from '../../../graphql/enums/lane.enum.js';

@InputType({ description: 'A provider’s part of the mail of a step.' })
class WeightedProviderInput {
  @Field(() => String, { description: 'Name of the provider.' })
  provider: string;

  @Field(() => Int, { nullable: true, description: 'In proportion to the others of the step, 1 to 1000. Default: 1.' })
  weight?: number | null;
}

@InputType({ description: 'Providers that share the mail.' })
class RouteStepInput {
  @Field(() => [WeightedProviderInput], { description: 'At least one.' })
  providers: WeightedProviderInput[];
}

@InputType({
  description: 'Which way some of the mail takes. It is for mail that has all that is given; nothing given takes any.',
})
class RouteInput {
  @Field(() => ID, { nullable: true, description: 'Only mail of this tenant.' })
  tenantId?: string | null;

  @Field(() => LaneEnum, { nullable: true, description: 'Only mail in this lane.' })
  lane?: Lane | null;

  @Field(() => String, {
    nullable: true,
    description: 'Only mail from this domain, or from those below it: `example.com`, `*.example.com`.',
  })
  senderDomain?: string | null;

  @Field(() => String, { nullable: true, description: 'Only mail to this domain, or to those below it.' })
  recipientDomain?: string | null;

  @Field(() => [RouteStepInput], {
    description: 'At least one. A later step is for what none of the earlier ones could take.',
  })
  steps: RouteStepInput[];
}

@InputType({ description: 'The routes to be from now on, instead of all that were made by mutation.' })
export class SetRoutesInput {
  @Field(() => String, {
    description: 'Version of the routes that these replace, from the query routes: nobody’s change is lost.',
  })
  expectedVersion: string;

  @Field(() => [RouteInput], { description: 'At most 500. An empty list leaves the configured ones.' })
  routes: RouteInput[];
}
