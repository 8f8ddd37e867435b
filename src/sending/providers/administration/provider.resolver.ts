import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import { CurrentPrincipal } from '../../../auth/current-principal.decorator.js';
import { RequireScope } from '../../../auth/require-scope.decorator.js';
import type { Principal } from '../../../domain/principal.js';
import { type MadeKind, PROVIDER_KINDS } from '../../../domain/provider.js';
import { toUserError } from '../../../graphql/user-error.type.js';
import { ProviderDirectory } from '../provider-directory.js';
import { ProviderChanges } from './provider-changes.js';
import {
  CreateProviderPayload,
  DeleteProviderPayload,
  DrainProviderPayload,
  ResumeProviderPayload,
  toProviderPayload,
  UpdateProviderPayload,
} from './provider-payload.type.js';
import type { ProviderSettingsInput } from './provider-settings.input.js';
import {
  CreateProviderInput,
  DeleteProviderInput,
  DrainProviderInput,
  ResumeProviderInput,
  UpdateProviderInput,
} from './provider.input.js';
import { ProviderType, toProvider } from './provider.type.js';

@Resolver(() => ProviderType)
export class ProviderResolver {
  constructor(
    private readonly directory: ProviderDirectory,
    private readonly changes: ProviderChanges,
  ) {}

  @RequireScope('OPERATE')
  @Query(() => [ProviderType], { description: 'All providers, by name.' })
  async providers(): Promise<ProviderType[]> {
    // What another process has just changed counts too.
    await this.directory.reload();
    const all = [...this.directory.providers(), ...this.directory.broken()];
    return all.map(toProvider).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  @RequireScope('OPERATE')
  @Query(() => ProviderType, { nullable: true, description: 'The provider of that name, or null.' })
  async provider(
    @Args('name', { type: () => String, description: 'Its name.' }) name: string,
  ): Promise<ProviderType | null> {
    return (await this.providers()).find((provider) => provider.name === name) ?? null;
  }

  @RequireScope('OPERATE')
  @Mutation(() => CreateProviderPayload, {
    description: 'Makes a provider. It gets mail as soon as a route leads to it; no restart is needed.',
  })
  async createProvider(
    @CurrentPrincipal() principal: Principal,
    @Args('input', { description: 'The provider to make.' }) input: CreateProviderInput,
  ): Promise<CreateProviderPayload> {
    const { kind, patch } = settingsOf(input.settings);
    const { name, limits, signing } = input;
    const request = { name, kind, settings: patch, limits: limits ?? undefined, signing: signing ?? undefined };
    return toProviderPayload(await this.changes.create(principal, request));
  }

  @RequireScope('OPERATE')
  @Mutation(() => UpdateProviderPayload, {
    description: 'Changes a provider that was made by mutation. Messages under way are finished with the old settings.',
  })
  async updateProvider(
    @CurrentPrincipal() principal: Principal,
    @Args('input', { description: 'What to change.' }) input: UpdateProviderInput,
  ): Promise<UpdateProviderPayload> {
    const { name, limits, signing } = input;
    const settings = input.settings == null ? undefined : settingsOf(input.settings);
    const change = { name, settings, limits: limits ?? undefined, signing: signing ?? undefined };
    return toProviderPayload(await this.changes.update(principal, change));
  }

  @RequireScope('OPERATE')
  @Mutation(() => DeleteProviderPayload, {
    description: 'Deletes a provider that was made by mutation and that no route leads to.',
  })
  async deleteProvider(
    @CurrentPrincipal() principal: Principal,
    @Args('input', { description: 'The provider to delete.' }) { name }: DeleteProviderInput,
  ): Promise<DeleteProviderPayload> {
    const deleted = await this.changes.delete(principal, name);
    if ('errors' in deleted) return { deletedName: null, userErrors: deleted.errors.map(toUserError) };
    return { deletedName: name, userErrors: [] };
  }

  @RequireScope('OPERATE')
  @Mutation(() => DrainProviderPayload, {
    description:
      'Gives a provider no new mail; nothing is lost. What waits for it takes another way, or goes on waiting.',
  })
  async drainProvider(
    @CurrentPrincipal() principal: Principal,
    @Args('input', { description: 'The provider.' }) { name }: DrainProviderInput,
  ): Promise<DrainProviderPayload> {
    return toProviderPayload(await this.changes.setState(principal, name, 'DRAINING'));
  }

  @RequireScope('OPERATE')
  @Mutation(() => ResumeProviderPayload, {
    description:
      'Gives a drained provider mail again. What was learnt about it is forgotten in all processes, whether it was drained or not: breakers, rates and a time it asked for.',
  })
  async resumeProvider(
    @CurrentPrincipal() principal: Principal,
    @Args('input', { description: 'The provider.' }) { name }: ResumeProviderInput,
  ): Promise<ResumeProviderPayload> {
    return toProviderPayload(await this.changes.setState(principal, name, 'ACTIVE'));
  }
}

/** The schema lets exactly one kind through. */
function settingsOf(input: ProviderSettingsInput): { kind: MadeKind; patch: object } {
  for (const [field, patch] of Object.entries(input) as [string, object | null | undefined][]) {
    const kind = PROVIDER_KINDS.find((one) => one.toLowerCase() === field);
    if (patch != null && kind !== undefined && kind !== 'SANDBOX') return { kind, patch };
  }
  throw new Error('no kind of provider was given');
}
