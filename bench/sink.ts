/**
 * The next hop of every system measured: takes mail over SMTP as fast as it can, counts each message
 * by the digits its recipient starts with, and answers its parent over IPC. Duplicates are seen here,
 * which Postfix's own smtp-sink cannot do. With the argument CHUNKING it offers that as well. When told
 * to it behaves badly.
 */
import { type Socket, createServer } from 'node:net';
import type { Absence, Behaviour, SinkOrder } from './sink-order.ts';

const END_OF_DATA = Buffer.from('\r\n.\r\n');
const RECIPIENT = /^RCPT TO:<(\d+)[^@>]*@([^>]*)/i;
const CHUNK = /^BDAT (\d+)( LAST)?/i;
const KEYWORDS = ['PIPELINING', '8BITMIME', 'SMTPUTF8', ...process.argv.slice(2)];
const CAPABILITIES = `250-${['sink.test', ...KEYWORDS].join('\r\n250-')}\r\n250 SIZE 104857600\r\n`;
const NOBODY = '503 5.5.1 no recipient\r\n';
const BUSY_SHARE = 0.1;
/** 250 2.0.0 OK takes seven seconds this way: slow, but within every timeout. */
const DRIP_MS = 500;

/** When each copy arrived, in milliseconds since the epoch. */
let seen = new Map<number, number[]>();
let lastUniqueAt = 0;
let deferred = 0;
const behaviours = new Map<string, Behaviour>();
let limit: { readonly perSecond: number; tokens: number; at: number } | undefined;
let absence: Absence | undefined;
/** Milliseconds each reply is on its way. */
let distanceMs = 0;
const sockets = new Set<Socket>();

function count(id: number): void {
  const now = performance.timeOrigin + performance.now();
  const copies = seen.get(id);
  if (copies !== undefined) {
    copies.push(now);
    return;
  }
  seen.set(id, [now]);
  lastUniqueAt = now;
}

/** A bucket of one second. */
function isAboveLimit(): boolean {
  if (limit === undefined) return false;
  const now = performance.now();
  limit.tokens = Math.min(limit.perSecond, limit.tokens + ((now - limit.at) * limit.perSecond) / 1000);
  limit.at = now;
  if (limit.tokens < 1) return true;
  limit.tokens -= 1;
  return false;
}

class Session {
  private buffer: Buffer = Buffer.alloc(0);
  private inData = false;
  private chunk: { readonly octets: number; readonly isLast: boolean } | undefined;
  private ids: number[] = [];
  private behaviour: Behaviour = 'fine';
  /** Replies that are still being dripped. */
  private drops = '';
  private readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => this.take(chunk));
    socket.write('220 sink.test ESMTP\r\n');
  }

  private take(chunk: Buffer): void {
    if (absence !== undefined) return;
    this.buffer = this.buffer.length === 0 ? chunk : Buffer.concat([this.buffer, chunk]);
    let replies = '';
    while (!this.isGone()) {
      const reply = this.inData ? this.body() : this.chunk === undefined ? this.line() : this.octets(this.chunk);
      if (reply === undefined) break;
      if (this.behaviour === 'dripping') this.drip(reply);
      else replies += reply;
    }
    if (replies !== '' && distanceMs === 0) this.socket.write(replies);
    else if (replies !== '') setTimeout(() => this.socket.writable && this.socket.write(replies), distanceMs);
    if (this.behaviour === 'busy') this.socket.end();
  }

  /** Nothing more is said in this session. */
  private isGone(): boolean {
    return this.behaviour === 'hanging' || this.behaviour === 'busy';
  }

  private body(): string | undefined {
    const end = this.buffer.indexOf(END_OF_DATA);
    if (end < 0) return undefined;
    this.buffer = this.buffer.subarray(end + END_OF_DATA.length);
    this.inData = false;
    return this.taken();
  }

  private octets({ octets, isLast }: { readonly octets: number; readonly isLast: boolean }): string | undefined {
    if (this.buffer.length < octets) return undefined;
    this.buffer = this.buffer.subarray(octets);
    this.chunk = undefined;
    if (this.ids.length === 0) return NOBODY;
    return isLast ? this.taken() : '250 2.0.0 go on\r\n';
  }

  private taken(): string {
    this.ids.forEach(count);
    this.ids = [];
    return '250 2.0.0 taken\r\n';
  }

  private line(): string | undefined {
    const end = this.buffer.indexOf('\r\n');
    if (end < 0) return undefined;
    const line = this.buffer.toString('latin1', 0, end);
    this.buffer = this.buffer.subarray(end + 2);
    switch (line.slice(0, 4).toUpperCase()) {
      case 'EHLO':
        return CAPABILITIES;
      case 'MAIL':
        this.ids = [];
        this.behaviour = 'fine';
        return '250 2.0.0 OK\r\n';
      case 'RCPT':
        return this.recipient(line);
      case 'DATA':
        if (this.ids.length === 0) return NOBODY;
        this.inData = true;
        return '354 go on\r\n';
      case 'BDAT': {
        const [, octets, last] = CHUNK.exec(line) ?? [];
        this.chunk = { octets: Number(octets ?? 0), isLast: last !== undefined };
        return '';
      }
      case 'QUIT':
        return '221 2.0.0 bye\r\n';
      default:
        return '250 2.0.0 OK\r\n';
    }
  }

  private recipient(line: string): string | undefined {
    const [, id, domain = ''] = RECIPIENT.exec(line) ?? [];
    const behaviour = behaviours.get(domain) ?? 'fine';
    if (behaviour === 'busy' && Math.random() < BUSY_SHARE) {
      this.behaviour = 'busy';
      deferred += 1;
      return '421 4.7.0 too busy, try again later\r\n';
    }
    if (behaviour === 'hanging') {
      this.behaviour = 'hanging';
      return undefined;
    }
    if (behaviour === 'dripping') this.behaviour = 'dripping';
    if (isAboveLimit()) {
      deferred += 1;
      return '451 4.7.1 too many messages, slow down\r\n';
    }
    this.ids.push(Number(id ?? 0));
    return '250 2.0.0 OK\r\n';
  }

  private drip(reply: string): void {
    const begins = this.drops === '';
    this.drops += reply;
    if (!begins) return;
    const timer = setInterval(() => {
      if (this.socket.writable && this.drops !== '') {
        this.socket.write(this.drops.slice(0, 1));
        this.drops = this.drops.slice(1);
      }
      if (!this.socket.writable || this.drops === '') clearInterval(timer);
    }, DRIP_MS);
  }
}

const server = createServer((socket) => {
  sockets.add(socket);
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('close', () => sockets.delete(socket));
  if (absence === undefined) new Session(socket);
});

let port = 0;

function listen(then: () => void): void {
  server.listen(port, '127.0.0.1', () => {
    const address = server.address();
    port = typeof address === 'object' ? (address?.port ?? 0) : port;
    then();
  });
}

/** Whoever is connected is cut off; only a silent one leaves its door open. */
function leave(as: Absence): void {
  absence = as;
  if (as === 'refusing') server.close();
  for (const socket of sockets) socket.destroy();
}

function tell(): void {
  let received = 0;
  for (const copies of seen.values()) received += copies.length;
  process.send?.({ unique: seen.size, received, deferred, lastUniqueAt });
}

listen(() => process.send?.({ port }));
process.on('message', (order: SinkOrder) => {
  switch (order.do) {
    case 'arrivals':
      process.send?.([...seen].filter(([id]) => id < (order.below ?? Infinity)));
      return;
    case 'reset':
      seen = new Map();
      lastUniqueAt = 0;
      deferred = 0;
      break;
    case 'behave':
      behaviours.set(order.domain, order.as);
      break;
    case 'limit':
      limit =
        order.perSecond === undefined ? undefined : { perSecond: order.perSecond, tokens: 0, at: performance.now() };
      break;
    case 'retreat':
      distanceMs = order.ms;
      break;
    case 'leave':
      leave(order.as);
      break;
    case 'return': {
      const wasClosed = absence === 'refusing';
      absence = undefined;
      for (const socket of sockets) socket.destroy();
      if (wasClosed) {
        listen(tell);
        return;
      }
      break;
    }
    case 'count':
  }
  tell();
});
process.on('disconnect', () => process.exit(0));
