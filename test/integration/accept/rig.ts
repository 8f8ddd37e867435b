import type { Config } from '../../../src/config/config.js';
import { configSchema } from '../../../src/config/config.js';
import { Pools } from '../../../src/database/pools.js';
import type { Signals } from '../../../src/database/signals.js';
import { newUuidV7 } from '../../../src/database/uuid-v7.js';
import { checkMessage, type MessageInput } from '../../../src/domain/check-message.js';
import type { MessageDraft } from '../../../src/domain/message-draft.js';
import type { KeyMode, Principal } from '../../../src/domain/principal.js';
import { EventRecorder } from '../../../src/events/event-recorder.js';
import { ActiveKeyRepository } from '../../../src/identities/sign/active-key.repository.js';
import { SenderIdentities } from '../../../src/identities/sign/sender-identities.js';
import { VerifiedDomains } from '../../../src/identities/sign/verified-domains.js';
import { MessageContentRepository } from '../../../src/messages/message-content.repository.js';
import { MessageRepository } from '../../../src/messages/message.repository.js';
import { AcceptanceRepository } from '../../../src/sending/accept/acceptance.repository.js';
import type { Acceptance } from '../../../src/sending/accept/acceptance.js';
import { AcceptanceWriter } from '../../../src/sending/accept/acceptance-writer.js';
import { Acknowledger } from '../../../src/sending/accept/acknowledger.js';
import { BatchAcceptor } from '../../../src/sending/accept/batch-acceptor.js';
import { MessageAcceptor } from '../../../src/sending/accept/message-acceptor.js';
import { PendingMessages } from '../../../src/sending/accept/pending-messages.js';
import { PendingRepository } from '../../../src/sending/accept/pending.repository.js';
import { ProviderCheck } from '../../../src/sending/accept/provider-check.js';
import { SenderCheck } from '../../../src/sending/accept/sender-check.js';
import { openDirectory } from '../providers/directory.js';
import { Metrics } from '../../../src/telemetry/metrics.js';
import { addTenant } from '../../support/tenant.js';

/** Everything behind the resolvers of one API process, on a database. */
export interface Rig {
  readonly pools: Pools;
  readonly acceptor: MessageAcceptor;
  readonly batches: BatchAcceptor;
  readonly pending: PendingMessages;
  readonly domains: VerifiedDomains;
  readonly messages: MessageRepository;
  readonly contents: MessageContentRepository;
  /** What was published, as `topic` or `topic:detail`. */
  readonly published: string[];
}

export function openRig(url: string, settings: Partial<Config> = {}): Rig {
  const config: Config = { ...configSchema.parse({}), smtpUrl: 'smtp://relay.example', ...settings };
  const pools = new Pools(url, config);
  const published: string[] = [];
  const signals = {
    publish: (topic: string, detail?: string) => published.push(detail === undefined ? topic : `${topic}:${detail}`),
  } as unknown as Signals;
  const metrics = new Metrics();
  const repository = new AcceptanceRepository(pools);
  const messages = new MessageRepository(pools);
  const writer = new AcceptanceWriter(repository);
  const acknowledger = new Acknowledger(repository, messages, signals, metrics);
  const provider = new ProviderCheck(openDirectory(pools, signals, config));
  const domains = new VerifiedDomains(new ActiveKeyRepository(pools), signals);
  const sender = new SenderCheck(new SenderIdentities(domains, config));
  return {
    pools,
    acceptor: new MessageAcceptor(writer, acknowledger, provider, sender, metrics),
    batches: new BatchAcceptor(writer, acknowledger, provider, sender, metrics),
    pending: new PendingMessages(pools, new PendingRepository(), new EventRecorder(signals), signals, config),
    domains,
    messages,
    contents: new MessageContentRepository(),
    published,
  };
}

export async function newPrincipal(rig: Rig, mode: KeyMode = 'TEST'): Promise<Principal> {
  return { tenantId: await addTenant(rig.pools.main), keyId: newUuidV7(), mode, scopes: ['SEND', 'READ'] };
}

export function draft(input: Partial<MessageInput> = {}): MessageDraft {
  const checked = checkMessage(
    {
      from: { address: 'ada@example.com', name: 'Ada' },
      to: [{ address: 'bob@example.net' }],
      subject: 'Hello',
      content: { text: 'Hello Bob' },
      ...input,
    },
    configSchema.parse({}),
    new Date(),
  );
  if ('errors' in checked) throw new Error(JSON.stringify(checked.errors));
  return checked.draft;
}

/** The UUID of the message behind an acceptance; fails for a refusal. */
export function idOf(acceptance: Acceptance | undefined): string {
  if (acceptance === undefined || acceptance.kind === 'refused') {
    throw new Error(`refused: ${JSON.stringify(acceptance?.errors)}`);
  }
  return acceptance.message.id;
}

export function codesOf(acceptance: Acceptance | undefined): string[] {
  return acceptance?.kind === 'refused' ? acceptance.errors.map((error) => error.code) : [];
}

/** How many rows of each table belong to a tenant. */
export async function rowsOf(rig: Rig, tenantId: string): Promise<Record<string, number>> {
  const tables = [
    'idempotency_key',
    'message',
    'message_content',
    'message_attachment',
    'recipient',
    'send_job',
    'delivery_event',
  ];
  const { rows } = await rig.pools.main.query<Record<string, string>>(
    `select ${tables.map((table) => `(select count(*) from ${table} where tenant_id = $1) as ${table}`).join(', ')}`,
    [tenantId],
  );
  return Object.fromEntries(Object.entries(rows[0] ?? {}).map(([table, count]) => [table, Number(count)]));
}
