import { startEmbeddedPostgres } from '../../src/database/embedded/launcher.js';

// The program behind startEmbeddedProcess: says where the database is and stays.
const server = await startEmbeddedPostgres(process.argv[2] ?? '', { log: (line) => process.stderr.write(`${line}\n`) });
const stay = setInterval(() => undefined, 60_000);
process.once('SIGTERM', () => {
  clearInterval(stay);
  void server.stop();
});
process.stdout.write(`${server.url}\n`);
