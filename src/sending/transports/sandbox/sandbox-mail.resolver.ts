import { Args, Context, ID, Int, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import DataLoader from 'dataloader';
import { CurrentPrincipal } from '../../../auth/current-principal.decorator.js';
import { RequireScope } from '../../../auth/require-scope.decorator.js';
import { decodeId } from '../../../domain/opaque-id.js';
import type { Principal } from '../../../domain/principal.js';
import { DEFAULT_PAGE, MAX_PAGE } from '../../../graphql/page.args.js';
import { topError } from '../../../graphql/postern-error.js';
import type { GraphqlContext } from '../../../graphql/request-context.js';
import { SandboxMailRepository } from './sandbox-mail.repository.js';
import { SandboxMailType, toSandboxMail } from './sandbox-mail.type.js';

type RawLoader = DataLoader<string, Buffer>;

@Resolver(() => SandboxMailType)
export class SandboxMailResolver {
  constructor(private readonly mails: SandboxMailRepository) {}

  @RequireScope('READ')
  @Query(() => [SandboxMailType], { description: 'What the sandbox caught for your tenant, newest first.' })
  async sandboxMails(
    @CurrentPrincipal() principal: Principal,
    @Args('first', {
      type: () => Int,
      nullable: true,
      description: `How many, 1 to ${MAX_PAGE}. Default: ${DEFAULT_PAGE}.`,
    })
    first?: number | null,
    @Args('messageId', { type: () => ID, nullable: true, description: 'Only mail of this message.' })
    messageId?: string | null,
  ): Promise<SandboxMailType[]> {
    const limit = first ?? DEFAULT_PAGE;
    if (limit < 1 || limit > MAX_PAGE) throw topError('BAD_REQUEST', `first must be 1 to ${MAX_PAGE}.`);
    const uuid = messageId == null ? undefined : decodeId('msg', messageId);
    if (messageId != null && uuid === undefined) return [];
    const rows = await this.mails.list(principal.tenantId, uuid, limit);
    return rows.map(toSandboxMail);
  }

  @ResolveField(() => String, {
    description: 'The whole mail, headers and body; in base64 when it is not UTF-8 (see rawIsBase64).',
  })
  async raw(@Parent() mail: SandboxMailType, @Context() context: GraphqlContext): Promise<string> {
    const raw = await this.load(mail, context);
    return decodeUtf8(raw) ?? raw.toString('base64');
  }

  @ResolveField(() => Boolean, { description: 'True when raw is in base64 because the mail is not UTF-8.' })
  async rawIsBase64(@Parent() mail: SandboxMailType, @Context() context: GraphqlContext): Promise<boolean> {
    return decodeUtf8(await this.load(mail, context)) === undefined;
  }

  /** A list that does not ask for the mails themselves does not read them. */
  private load(mail: SandboxMailType, context: GraphqlContext): Promise<Buffer> {
    const tenantId = context.principal?.tenantId;
    if (tenantId === undefined) throw topError('UNAUTHENTICATED');
    const known = context.loaders.get(SandboxMailResolver.name) as RawLoader | undefined;
    const loader = known ?? this.loaderOf(tenantId);
    context.loaders.set(SandboxMailResolver.name, loader);
    return loader.load(mail.uuid);
  }

  private loaderOf(tenantId: string): RawLoader {
    return new DataLoader(async (ids: readonly string[]) => {
      const raws = await this.mails.raws(tenantId, ids);
      // Trimmed between the list and this.
      return ids.map((id) => raws.get(id) ?? Buffer.alloc(0));
    });
  }
}

function decodeUtf8(raw: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    return undefined;
  }
}
