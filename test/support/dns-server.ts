import { type Socket, createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type Answer, type RecordType, decode, encode } from 'dns-packet';

type Zone = Readonly<Record<string, readonly Answer[]>>;

/** Response codes a test asks for. */
const SERVFAIL = 2;
const NXDOMAIN = 3;

/**
 * A name server on loopback that knows the zone it was given: by name in lower case, records of any
 * type. `fail` names are answered with SERVFAIL, and `silent` ones not at all.
 */
export class DnsServer {
  readonly questions: string[] = [];
  private readonly socket: Socket;
  private zone: Zone;
  private readonly failing = new Set<string>();
  private readonly silent = new Set<string>();

  private constructor(socket: Socket, zone: Zone) {
    this.socket = socket;
    this.zone = zone;
    socket.on('message', (message, from) => {
      const reply = this.answer(message);
      if (reply !== undefined) socket.send(reply, from.port, from.address);
    });
  }

  static async start(zone: Zone = {}): Promise<DnsServer> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new DnsServer(socket, zone);
  }

  /** For POSTERN_DNS_SERVERS. */
  get address(): string {
    const { port } = this.socket.address() as AddressInfo;
    return `127.0.0.1:${port}`;
  }

  set(zone: Zone): void {
    this.zone = zone;
  }

  fail(name: string): void {
    this.failing.add(name);
  }

  keepSilent(name: string): void {
    this.silent.add(name);
  }

  async close(): Promise<void> {
    this.socket.close();
    await once(this.socket, 'close');
  }

  private answer(message: Buffer): Buffer | undefined {
    const { id, questions = [] } = decode(message);
    const [question] = questions;
    if (question === undefined) return undefined;
    const name = question.name.toLowerCase();
    const type = question.type as RecordType;
    this.questions.push(`${type} ${name}`);
    if (this.silent.has(name)) return undefined;
    const known = this.zone[name];
    const answers = (known ?? []).filter((record) => record.type === type || record.type === 'CNAME');
    const code = this.failing.has(name) ? SERVFAIL : known === undefined ? NXDOMAIN : 0;
    const authoritative = 0x0400;
    const reply = {
      id: id ?? 0,
      type: 'response' as const,
      flags: authoritative | code,
      questions,
      answers: code === 0 ? answers : [],
    };
    return encode(reply);
  }
}
