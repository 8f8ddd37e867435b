/** The worker process of the BullMQ baseline: 20 pooled connections, 50 jobs at once. */
import { Worker } from 'bullmq';
import nodemailer from 'nodemailer';

const [redisPort, smtpPort] = process.argv.slice(2).map(Number);
const transport = nodemailer.createTransport({
  host: '127.0.0.1',
  port: smtpPort,
  ignoreTLS: true,
  pool: true,
  maxConnections: 20,
  maxMessages: Infinity,
});
const worker = new Worker('mail', (job) => transport.sendMail(job.data as object), {
  connection: { host: '127.0.0.1', port: redisPort ?? 0 },
  concurrency: 50,
});
await worker.waitUntilReady();
process.send?.('ready');
process.on('disconnect', () => process.exit(0));
