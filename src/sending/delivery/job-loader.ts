import { Injectable } from '@nestjs/common';
import { Pools } from '../../database/pools.js';
import type { RecipientStatus } from '../../domain/recipient-status.js';
import {
  type DeliverableMessage,
  type LoadedMessage,
  MessageContentRepository,
} from '../../messages/message-content.repository.js';
import { type RenderedMessage, renderMessage } from '../render/render-message.js';
import { type ClaimedJob, jobKey } from './claimed-job.js';
import { SendJobRepository } from './send-job.repository.js';
import { isSuspect, MOST_LOST_CLAIMS } from './suspects.js';

/**
 * What is larger is loaded when its turn has come: up to six messages for each slot of a lane lie ready,
 * and with 19 MB each a worker had grown to 1.4 GB.
 */
const MOST_AHEAD_BYTES = 256 * 1024;
/** The largest number that a size can be. */
const ANY_SIZE = 2 ** 31 - 1;

/** A claimed job with what is needed to send it; without a message when its content is gone. */
export interface ReadyJob {
  readonly job: ClaimedJob;
  readonly address: string;
  readonly domain: string;
  /** How the recipient stood when the job was claimed. */
  readonly status: RecipientStatus;
  /** Its message was put aside for another recipient. */
  readonly isPutAside: boolean;
  readonly message: LoadedMessage | undefined;
  /** Rendered once for all recipients of the message in the same claim. */
  readonly rendered: () => RenderedMessage;
}

/** Fetches what claimed jobs are about: addresses and messages, each in one query. */
@Injectable()
export class JobLoader {
  constructor(
    private readonly pools: Pools,
    private readonly jobs: SendJobRepository,
    private readonly contents: MessageContentRepository,
  ) {}

  async load(jobs: readonly ClaimedJob[]): Promise<ReadyJob[]> {
    const keys = new Map(jobs.map((job) => [job.messageId, { tenantId: job.tenantId, messageId: job.messageId }]));
    const suspects = jobs.filter(isSuspect);
    // Put aside by this very claim.
    const condemned = new Set(jobs.filter(({ lost }) => lost >= MOST_LOST_CLAIMS).map(({ messageId }) => messageId));
    const [messages, recipients, putAside] = await Promise.all([
      this.contents.loadForDelivery(this.pools.queue, [...keys.values()], MOST_AHEAD_BYTES),
      this.jobs.recipients(jobs),
      suspects.length === 0 ? new Set<string>() : this.jobs.putAside(suspects),
    ]);
    const renders = new Map<string, () => RenderedMessage>();
    return jobs.map((job) => {
      const message = messages.get(job.messageId);
      const rendered = renders.get(job.messageId) ?? renderOnce(message);
      renders.set(job.messageId, rendered);
      const { address, status } = recipients.get(jobKey(job)) ?? { address: '', status: 'QUEUED' };
      const isPutAside = putAside.has(jobKey(job)) || (isSuspect(job) && condemned.has(job.messageId));
      const domain = address.slice(address.lastIndexOf('@') + 1);
      return { job, address, domain, status, isPutAside, message, rendered };
    });
  }

  /** The job with the content of its message, which is too large to have it lie ready; undefined when that is gone. */
  async complete(ready: ReadyJob): Promise<{ ready: ReadyJob; message: DeliverableMessage } | undefined> {
    const { tenantId, messageId } = ready.job;
    const loaded = await this.contents.loadForDelivery(this.pools.queue, [{ tenantId, messageId }], ANY_SIZE);
    const message = loaded.get(messageId);
    if (message === undefined || !isWhole(message)) return undefined;
    return { ready: { ...ready, message, rendered: renderOnce(message) }, message };
  }

  /** How the recipient stands by now. */
  async standing({ job, status }: ReadyJob): Promise<RecipientStatus> {
    return (await this.jobs.recipients([job])).get(jobKey(job))?.status ?? status;
  }

  async release(jobs: readonly ClaimedJob[], delayMs = 0): Promise<void> {
    await this.jobs.release(jobs, delayMs);
  }
}

export function isWhole(message: LoadedMessage): message is DeliverableMessage {
  return message.composition !== undefined;
}

function renderOnce(message: LoadedMessage | undefined): () => RenderedMessage {
  let rendered: RenderedMessage | undefined;
  return () => {
    if (message?.composition === undefined) throw new Error('no content');
    rendered ??= renderMessage(message.composition);
    return rendered;
  };
}
