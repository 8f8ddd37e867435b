import { Inject } from '@nestjs/common';
import { Args, ID, Mutation, Query, Resolver } from '@nestjs/graphql';
import { CurrentPrincipal } from '../../auth/current-principal.decorator.js';
import { RequireScope } from '../../auth/require-scope.decorator.js';
import { CONFIG, type Config } from '../../config/config.js';
import { decodeId, encodeId } from '../../domain/opaque-id.js';
import type { Principal } from '../../domain/principal.js';
import { PageArgs } from '../../graphql/page.args.js';
import { paginate } from '../../graphql/paginate.js';
import { toUserError } from '../../graphql/user-error.type.js';
import {
  CreateDomainPayload,
  DeleteDomainPayload,
  RotateDkimKeyPayload,
  VerifyDomainPayload,
} from './sender-domain-payload.type.js';
import type { SenderDomain } from './sender-domain.entity.js';
import { CreateDomainInput, DeleteDomainInput, RotateDkimKeyInput, VerifyDomainInput } from './sender-domain.input.js';
import { SenderDomainRepository } from './sender-domain.repository.js';
import { DomainConnection, DomainType, toDomain } from './sender-domain.type.js';
import { type DomainChange, SenderDomains } from './sender-domains.js';

@Resolver(() => DomainType)
export class SenderDomainResolver {
  constructor(
    private readonly service: SenderDomains,
    private readonly repository: SenderDomainRepository,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @RequireScope('ADMIN')
  @Query(() => DomainType, {
    nullable: true,
    description: 'A sender domain; null when your tenant has none of this id.',
  })
  async domain(
    @CurrentPrincipal() principal: Principal,
    @Args('id', { type: () => ID, description: 'Id of the domain.' }) id: string,
  ): Promise<DomainType | null> {
    const uuid = decodeId('dom', id);
    const found = uuid === undefined ? undefined : await this.repository.byId(principal.tenantId, uuid);
    return found === undefined ? null : this.toDomain(found);
  }

  @RequireScope('ADMIN')
  @Query(() => DomainConnection, { description: 'Sender domains of your tenant, newest first.' })
  domains(@CurrentPrincipal() principal: Principal, @Args() page: PageArgs): Promise<DomainConnection> {
    return paginate<SenderDomain, string, DomainType>(page, {
      fetch: (window) => this.repository.list(principal.tenantId, window),
      keyOf: ({ row }) => row.id,
      encode: (id) => Buffer.from(encodeId('dom', id)).toString('base64url'),
      decode: (cursor) => decodeId('dom', Buffer.from(cursor, 'base64url').toString()),
      toNode: (domain) => this.toDomain(domain),
    });
  }

  @RequireScope('ADMIN')
  @Mutation(() => CreateDomainPayload, {
    description: 'Registers a domain: makes its DKIM keys and tells the DNS records to publish.',
  })
  async createDomain(
    @CurrentPrincipal() principal: Principal,
    @Args('input', { description: 'The domain.' }) input: CreateDomainInput,
  ): Promise<CreateDomainPayload> {
    const { name, ed25519, returnPathSubdomain } = input;
    const request = { name, ed25519: ed25519 === true, returnPathSubdomain: returnPathSubdomain ?? undefined };
    return this.payload(await this.service.create(principal, request));
  }

  @RequireScope('ADMIN')
  @Mutation(() => VerifyDomainPayload, {
    description:
      'Looks for the records of a domain in DNS. With those for ownership and DKIM it is verified; keys that wait for their records begin to sign.',
  })
  async verifyDomain(
    @CurrentPrincipal() principal: Principal,
    @Args('input', { description: 'The domain.' }) input: VerifyDomainInput,
  ): Promise<VerifyDomainPayload> {
    return this.payload(await this.service.verify(principal, input.id));
  }

  @RequireScope('ADMIN')
  @Mutation(() => RotateDkimKeyPayload, {
    description:
      'Makes the next DKIM key of a domain. It takes over once its record is published and verifyDomain, or the daily check, has seen it. A rotation under way is left as it is.',
  })
  async rotateDkimKey(
    @CurrentPrincipal() principal: Principal,
    @Args('input', { description: 'The domain.' }) input: RotateDkimKeyInput,
  ): Promise<RotateDkimKeyPayload> {
    return this.payload(await this.service.rotate(principal, input.id, input.ed25519 === true));
  }

  @RequireScope('ADMIN')
  @Mutation(() => DeleteDomainPayload, {
    description:
      'Deletes a domain with its keys. Mail from it is no longer signed, and another tenant may register it.',
  })
  async deleteDomain(
    @CurrentPrincipal() principal: Principal,
    @Args('input', { description: 'The domain.' }) input: DeleteDomainInput,
  ): Promise<DeleteDomainPayload> {
    const { errors } = await this.service.delete(principal, input.id);
    return { deletedId: errors.length === 0 ? input.id : null, userErrors: errors.map(toUserError) };
  }

  private payload({ domain, errors }: DomainChange): CreateDomainPayload {
    return { domain: domain === undefined ? null : this.toDomain(domain), userErrors: errors.map(toUserError) };
  }

  private toDomain(domain: SenderDomain): DomainType {
    return toDomain(domain, this.config, new Date());
  }
}
