/**
 * The BullMQ baseline as a service: a thin endpoint that checks the key and puts one message, or a
 * list of them, into the queue. It validates nothing.
 */
import { hash, timingSafeEqual } from 'node:crypto';
import { createRequire } from 'node:module';
import { Queue } from 'bullmq';
import type { HttpInstance, HttpReply, HttpRequest } from '../src/graphql/http-types.js';

// The same Fastify that Postern runs on; it is not a dependency of our own.
const fastify = createRequire(createRequire(import.meta.url).resolve('@nestjs/platform-fastify'))('fastify') as (
  options: object,
) => HttpInstance;

const [redisPort = '', key = ''] = process.argv.slice(2);
const queue = new Queue('mail', { connection: { host: '127.0.0.1', port: Number(redisPort) } });
await queue.waitUntilReady();

const digest = (text: string): Buffer => hash('sha256', text, 'buffer');
const expected = digest(`Bearer ${key}`);
const opts = { removeOnComplete: true, attempts: 5, backoff: { type: 'exponential', delay: 1000 } };

const server = fastify({ bodyLimit: 32 * 1024 * 1024 });
server.post('/messages', async (request: HttpRequest, reply: HttpReply) => {
  if (!timingSafeEqual(digest(request.headers.authorization ?? ''), expected)) return reply.code(401).send({});
  const { body } = request;
  if (Array.isArray(body)) await queue.addBulk(body.map((data: unknown) => ({ name: 'send', data, opts })));
  else await queue.add('send', body, opts);
  return { accepted: Array.isArray(body) ? body.length : 1 };
});
process.send?.(await server.listen({ port: 0, host: '127.0.0.1' }));
process.on('disconnect', () => process.exit(0));
