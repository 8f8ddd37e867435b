import { Agent, request } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { type RunningPostern, startPostern } from '../support/start-postern.js';
import { waitFor } from '../support/wait-for.js';

const CLIENTS = 20;
const SEND = JSON.stringify({
  query: `mutation { sendMessage(input: {
    from: { address: "a@example.com" }, to: [{ address: "delivered@postern.test" }],
    subject: "s", content: { inline: { text: "t" } } }) { message { id } userErrors { code } } }`,
});

interface Outcome {
  readonly accepted: boolean;
  /** The answer asked for the connection to be closed. */
  readonly closes: boolean;
}

function send(postern: RunningPostern, agent: Agent): Promise<Outcome> {
  const headers = { authorization: `Bearer ${postern.key}`, 'content-type': 'application/json' };
  return new Promise((resolve) => {
    const call = request(`${postern.url}/graphql`, { method: 'POST', agent, headers }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('error', () => resolve({ accepted: false, closes: true }));
      response.on('end', () => {
        const accepted = response.statusCode === 200 && body.includes('"msg_');
        resolve({ accepted, closes: response.headers.connection === 'close' });
      });
    });
    call.on('error', () => resolve({ accepted: false, closes: true }));
    call.end(SEND);
  });
}

describe('a service that is stopped', () => {
  it('fails readiness, serves on, loses no request of 20 busy clients, and ends with 0', async () => {
    const postern = await startPostern({ env: { POSTERN_DRAIN_DELAY_MS: '1000' } });
    const outcomes: Outcome[] = [];
    let ready = true;
    // As behind a balancer: new requests come until it has seen that readiness fails.
    const client = async (): Promise<void> => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      while (ready) outcomes.push(await send(postern, agent));
      agent.destroy();
    };
    const clients = Array.from({ length: CLIENTS }, client);
    await waitFor(() => outcomes.length > 100);
    expect(outcomes.some(({ closes }) => closes)).toBe(false);

    const stopped = postern.stop();
    await waitFor(() => outcomes.some(({ closes }) => closes));
    const [readiness, liveness] = await Promise.all([fetch(`${postern.url}/readyz`), fetch(`${postern.url}/livez`)]);
    ready = false;
    await Promise.all(clients);

    expect([readiness.status, liveness.status]).toEqual([503, 200]);
    expect(outcomes.filter(({ accepted }) => !accepted)).toEqual([]);
    await expect(stopped).resolves.toBe(0);
  }, 60_000);

  it('lets a stream of events go with a code to come back on, and does not wait for it', async () => {
    const postern = await startPostern();
    const response = await fetch(`${postern.url}/graphql/stream`, {
      method: 'POST',
      headers: { authorization: `Bearer ${postern.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query: 'subscription { events { __typename } }' }),
    });
    const began = performance.now();
    const [text, code] = await Promise.all([response.text(), postern.stop()]);
    expect(text).toContain('SHUTTING_DOWN');
    expect(code).toBe(0);
    expect(performance.now() - began).toBeLessThan(8000);
  }, 60_000);

  it('takes the two signals of one Ctrl+C under npm for one', async () => {
    const postern = await startPostern();
    postern.child.kill('SIGINT');
    postern.child.kill('SIGINT');
    await expect(postern.stop()).resolves.toBe(0);
  }, 60_000);

  it('ends at once when it is asked again', async () => {
    const postern = await startPostern({ env: { POSTERN_DRAIN_DELAY_MS: '60000' } });
    await waitFor(() => {
      postern.child.kill('SIGINT');
      return postern.child.exitCode;
    });
    await expect(postern.stop()).resolves.toBe(130);
  }, 60_000);
});
