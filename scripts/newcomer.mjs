// `npm run newcomer`: proves on this machine what the README promises to somebody who has Node, npm and
// nothing else. A fresh clone in an empty home: install, start, send, watch, stop, start again, and
// what goes wrong at first. Everything is run by the Node that runs this script. As root, a second
// round shows that a user without rights can do the same.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { environmentOf, makePlace, run, somebodyElse } from './newcomer/place.mjs';
import { processesBelow, Service } from './newcomer/service.mjs';
import { Visitor } from './newcomer/visit.mjs';

/** Told already; ends the round, because the later steps need this one. */
class StepFailed extends Error {}

const EX_CONFIG = 78;
const DELIVERED = ['ACCEPTED', 'HANDED_OFF', 'DELIVERED'];
const say = (line) => process.stdout.write(`${line}\n`);
const counts = { passed: 0, failed: 0 };

await round('the user who started this');
const other = somebodyElse();
if (other !== undefined) await round(`the user ${other.name}`, other);
say(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;

/** One newcomer from the clone to the end. */
async function round(who, user) {
  const place = makePlace(user);
  say(`\nNode ${process.version}, ${who}, ${place.from}`);
  const started = [];
  const begin = (...args) => {
    const service = new Service(place, ...args);
    started.push(service);
    return service;
  };
  try {
    await installs(place);
    const first = await startsAndSends(place, begin);
    await startsAgain(place, begin, first);
    await pastes(place, begin);
    await isToldWhatIsWrong(place, begin);
    await check('nothing is left running', () => {
      assert.deepEqual(processesBelow(place.folder), []);
    });
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
  } finally {
    for (const service of started) if (!service.isOver) service.destroy();
    rmSync(place.folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** Something the rest needs. */
async function step(name, work) {
  const start = performance.now();
  const seconds = () => `${((performance.now() - start) / 1000).toFixed(1)} s`;
  try {
    const result = await work();
    counts.passed += 1;
    say(`  ok      ${name} (${seconds()})`);
    return result;
  } catch (error) {
    counts.failed += 1;
    say(`  FAILED  ${name} (${seconds()})\n${error.stack}`);
    throw new StepFailed(name, { cause: error });
  }
}

/** Something the rest does not need. */
async function check(name, work) {
  await step(name, work).catch(() => undefined);
}

async function installs(place) {
  await step('npm ci', () => run(place, 'npm', ['ci']));
  await check('the project brings its own Node', async () => {
    const { stdout } = await run(place, 'npm', ['exec', '--', 'node', '--version']);
    assert.equal(stdout.trim().split('.')[0], `v${readFileSync(join(place.clone, '.nvmrc'), 'utf8').trim()}`);
  });
}

async function startsAndSends(place, begin) {
  const service = begin();
  const ready = await step('npm start', () => service.ready());
  const visitor = new Visitor(ready, ready.testKey);
  const sent = await step('sends a message', () => visitor.send('First'));
  const { id } = sent.message;
  await check('sees its events over SSE', async () => {
    assert.deepEqual(await visitor.watchStream(sent.cursor, id), DELIVERED);
  });
  await check('sees its events over a WebSocket', async () => {
    assert.deepEqual(await visitor.watchSocket(sent.cursor, id, place.clone), DELIVERED);
  });
  await check('sees the mail in the sandbox', async () => {
    const [mail] = await visitor.mails(id);
    assert.equal(mail.subject, 'First');
    assert.match(mail.raw, /It works\./);
  });
  await check('opens the inbox and the explorer', async () => {
    for (const url of [ready.inbox, ready.explorer]) await opens(url);
  });
  await check('finds the key in a file of their own', () => {
    assert.equal(readFileSync(ready.credentials, 'utf8').trim(), ready.testKey);
    assert.equal(statSync(ready.credentials).mode & 0o777, 0o600);
  });
  await check('stdout is the ready line and what npm says', () => {
    const lines = service.stdout.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('> '));
    assert.equal(lines.length, 1);
  });
  // npm signals the shell between it and the service: that is why the script says exec.
  await check('stops on SIGTERM', async () => assert.equal(await service.stop(), 0));
  return { key: ready.testKey, id };
}

async function opens(url) {
  const response = await fetch(url);
  assert.equal(response.status, 200, `${url}: ${await response.text()}`);
  assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'none'/);
}

async function startsAgain(place, begin, first) {
  const service = begin();
  const ready = await step('npm start once more', () => service.ready());
  await check('what was sent is still there, and no key is shown', async () => {
    assert.equal(ready.testKey, undefined);
    assert.ok(!`${service.stdout}${service.stderr}`.includes(first.key));
    const [mail] = await new Visitor(ready, first.key).mails(first.id);
    assert.equal(mail.subject, 'First');
  });
  await check('stops once more', async () => assert.equal(await service.stop(), 0));
}

/** The page a terminal shows, and the command on it, pasted. */
async function pastes(place, begin) {
  if (spawnSync('script', ['--version']).status !== 0) {
    say('  --      no terminal to be had: script(1) is not installed');
    return;
  }
  const service = begin({}, ['script', '--quiet', '--flush', '--command', 'npm start', '/dev/null'], true);
  const banner = await step('shows people a page', async () => {
    await service.until(() => service.stdout.includes('Ctrl+C stops.'));
    return service.stdout.replaceAll('\r', '');
  });
  await check('the printed command sends when pasted', async () => {
    const command = / {2}Send:\n([^]*?)\n\n/.exec(banner)?.[1];
    const { stdout } = await run(place, 'sh', ['-c', command], curl(place));
    const { sendMessage } = JSON.parse(stdout).data;
    assert.match(sendMessage.message.id, /^msg_/);
    assert.deepEqual(sendMessage.userErrors, []);
  });
  await check('Ctrl+C stops it', async () => {
    service.child.stdin.write('\u0003');
    await service.end();
    assert.deepEqual(processesBelow(place.clone), []);
  });
}

/** Where curl is not installed a stand-in of the tests takes its place. */
function curl(place) {
  if (spawnSync('curl', ['--version']).status === 0) return {};
  const bin = join(place.home, 'bin');
  const standIn = join(place.clone, 'test', 'support', 'curl-stand-in.mjs');
  mkdirSync(bin);
  writeFileSync(join(bin, 'curl'), `#!/bin/sh\nexec '${process.execPath}' '${standIn}' "$@"\n`, { mode: 0o755 });
  return { PATH: `${bin}${delimiter}${environmentOf(place).PATH}` };
}

async function isToldWhatIsWrong(place, begin) {
  const busy = createServer();
  await new Promise((resolve) => busy.listen(0, '127.0.0.1', resolve));
  const { port } = busy.address();
  /** @type {[what: string, env: Record<string, string>, mentions: string[]][]} */
  const cases = [
    ['a port in use', { POSTERN_PORT: String(port) }, [String(port), 'POSTERN_PORT']],
    ['a bad value', { POSTERN_PORT: 'banana' }, ['POSTERN_PORT']],
    ['a misspelt variable', { POSTERN_PROT: '3025' }, ['POSTERN_PROT']],
    ['a folder that is none', { POSTERN_DATA_DIR: join(place.clone, 'package.json') }, ['POSTERN_DATA_DIR']],
  ];
  try {
    for (const [what, env, mentions] of cases)
      await check(`${what} is told in a sentence`, () => refused(begin, env, mentions));
  } finally {
    busy.close();
  }
}

async function refused(begin, env, mentions) {
  const service = begin(env);
  assert.equal(await service.end(), EX_CONFIG);
  const told = service.stderr.split('\n').filter((line) => line !== '' && !/^npm |^\{"level":"info"/.test(line));
  assert.equal(told.length, 1, service.stderr);
  for (const mention of mentions) assert.ok(told[0].includes(mention), told[0]);
  assert.ok(!told[0].includes('banana'), 'the value is shown');
  assert.ok(!`${service.stdout}${service.stderr}`.includes('"event":"ready"'));
}
