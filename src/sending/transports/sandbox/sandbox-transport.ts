import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../../config/config.js';
import { TRANSPORT_CLOSED, brokenOff } from '../smtp/hand-over-outcome.js';
import { SandboxInbox } from './sandbox-inbox.js';
import { SandboxMailRepository } from './sandbox-mail.repository.js';
import { SmtpTransport } from '../smtp/smtp-transport.js';
import { type Envelope, type HandOverResult, type OutgoingMail, type ProbeResult, Transport } from '../transport.js';

/** Loopback: what takes longer than this is stuck. */
const CONNECT_TIMEOUT_MS = 5000;
const REPLY_TIMEOUT_MS = 30_000;

/** Ends idle connections before the inbox would. */
const IDLE_MS = 30_000;

/**
 * The sandbox is a real conversation with an inbox of our own, so that what is tried with a test key
 * is what happens with a live one. Accepted there means arrived: nothing comes after it.
 */
@Injectable()
export class SandboxTransport extends Transport {
  readonly name = 'sandbox';
  private readonly inbox: SandboxInbox;
  private starting: Promise<SmtpTransport> | undefined;
  private closed = false;

  constructor(
    mails: SandboxMailRepository,
    @Inject(CONFIG) private readonly config: Pick<Config, 'smtpConnections'>,
  ) {
    super();
    this.inbox = new SandboxInbox(mails);
  }

  async handOver(envelope: Envelope, mail: OutgoingMail): Promise<HandOverResult> {
    const smtp = await this.started();
    if (!(smtp instanceof SmtpTransport)) return smtp;
    const result = await smtp.handOver(envelope, mail);
    return result.outcome === 'accepted' ? { ...result, finalDestination: true } : result;
  }

  async probe(): Promise<ProbeResult | undefined> {
    const smtp = await this.started();
    return smtp instanceof SmtpTransport ? smtp.probe() : { alive: false, note: 'the sandbox inbox cannot be started' };
  }

  async close(): Promise<void> {
    this.closed = true;
    const smtp = await this.starting?.catch(() => undefined);
    await smtp?.close();
    await this.inbox.stop();
  }

  private async started(): Promise<SmtpTransport | HandOverResult> {
    if (this.closed) return TRANSPORT_CLOSED;
    try {
      this.starting ??= this.start();
      return await this.starting;
    } catch {
      this.starting = undefined;
      return brokenOff('CONNECT', 'the sandbox inbox cannot be started');
    }
  }

  private async start(): Promise<SmtpTransport> {
    const port = await this.inbox.start();
    return new SmtpTransport({
      name: this.name,
      host: '127.0.0.1',
      address: undefined,
      sourceAddress: undefined,
      port,
      secure: false,
      tls: 'off',
      auth: undefined,
      ca: undefined,
      ehloName: this.inbox.word,
      maxConnections: this.config.smtpConnections,
      messagesPerConnection: Number.MAX_SAFE_INTEGER,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      commandTimeoutMs: REPLY_TIMEOUT_MS,
      finalReplyTimeoutMs: REPLY_TIMEOUT_MS,
      idleMs: IDLE_MS,
    });
  }
}
