/**
 * The next hop of every system measured: takes mail over SMTP as fast as it can, counts each message
 * by the digits its recipient starts with, and answers its parent over IPC. Duplicates are seen here,
 * which Postfix's own smtp-sink cannot do. With the argument CHUNKING it offers that as well.
 */
import { type Socket, createServer } from 'node:net';

const END_OF_DATA = Buffer.from('\r\n.\r\n');
const RECIPIENT = /^RCPT TO:<(\d+)/i;
const CHUNK = /^BDAT (\d+)( LAST)?/i;
const KEYWORDS = ['PIPELINING', '8BITMIME', 'SMTPUTF8', ...process.argv.slice(2)];
const CAPABILITIES = `250-${['sink.test', ...KEYWORDS].join('\r\n250-')}\r\n250 SIZE 104857600\r\n`;

/** When each copy arrived, in milliseconds since the epoch. */
let seen = new Map<number, number[]>();
let lastUniqueAt = 0;

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

function answer(line: string): string {
  const verb = line.slice(0, 4).toUpperCase();
  if (verb === 'EHLO') return CAPABILITIES;
  if (verb === 'DATA') return '354 go on\r\n';
  if (verb === 'QUIT') return '221 2.0.0 bye\r\n';
  return '250 2.0.0 OK\r\n';
}

function serve(socket: Socket): void {
  let buffer: Buffer = Buffer.alloc(0);
  let inData = false;
  let coming: { octets: number; last: boolean } | undefined;
  let ids: number[] = [];
  const taken = (): string => {
    ids.forEach(count);
    ids = [];
    return '250 2.0.0 taken\r\n';
  };
  const takeBody = (): string | undefined => {
    const end = buffer.indexOf(END_OF_DATA);
    if (end < 0) return undefined;
    buffer = buffer.subarray(end + END_OF_DATA.length);
    inData = false;
    return taken();
  };
  const takeChunk = ({ octets, last }: { octets: number; last: boolean }): string | undefined => {
    if (buffer.length < octets) return undefined;
    buffer = buffer.subarray(octets);
    coming = undefined;
    return last ? taken() : '250 2.0.0 go on\r\n';
  };
  const takeLine = (): string | undefined => {
    const end = buffer.indexOf('\r\n');
    if (end < 0) return undefined;
    const line = buffer.toString('latin1', 0, end);
    buffer = buffer.subarray(end + 2);
    const recipient = RECIPIENT.exec(line);
    if (recipient?.[1] !== undefined) ids.push(Number(recipient[1]));
    inData = line.slice(0, 4).toUpperCase() === 'DATA';
    const announced = CHUNK.exec(line);
    if (announced === null) return answer(line);
    coming = { octets: Number(announced[1]), last: announced[2] !== undefined };
    return '';
  };
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    buffer = buffer.length === 0 ? chunk : Buffer.concat([buffer, chunk]);
    let replies = '';
    for (;;) {
      const reply = inData ? takeBody() : coming === undefined ? takeLine() : takeChunk(coming);
      if (reply === undefined) break;
      replies += reply;
    }
    if (replies !== '') socket.write(replies);
  });
  socket.write('220 sink.test ESMTP\r\n');
}

const server = createServer(serve);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : 0 });
});
process.on('message', (ask: string) => {
  if (ask === 'reset') {
    seen = new Map();
    lastUniqueAt = 0;
  }
  if (ask === 'arrivals') {
    process.send?.([...seen]);
    return;
  }
  let received = 0;
  for (const copies of seen.values()) received += copies.length;
  process.send?.({ unique: seen.size, received, lastUniqueAt });
});
process.on('disconnect', () => process.exit(0));
