import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PosternClient, mailTo } from '../support/postern-client.js';
import { type RunningPostern, startPostern } from '../support/start-postern.js';
import { waitFor } from '../support/wait-for.js';

const PAUSE = `mutation ($input: PauseLaneInput!) {
  payload: pauseLane(input: $input) { lane { lane isPaused pauseReason depth } userErrors { code path } }
}`;
const RESUME = `mutation { resumeLane(input: { lane: BULK }) { lane { isPaused } userErrors { code } } }`;
const WAITING = `query ($id: ID!) { message(id: $id) { recipients { status waitingFor { kind on until } } } }`;

interface Paused {
  readonly payload: {
    readonly lane: { readonly isPaused: boolean; readonly pauseReason: string } | null;
    readonly userErrors: readonly { readonly code: string; readonly path: readonly string[] }[];
  };
}

interface Waits {
  readonly message: {
    readonly recipients: readonly {
      readonly status: string;
      readonly waitingFor: { readonly kind: string; readonly on: string | null; readonly until: string | null } | null;
    }[];
  };
}

describe('an operator', () => {
  let postern: RunningPostern;
  let operator: PosternClient;

  beforeAll(async () => {
    postern = await startPostern();
    operator = new PosternClient(postern.url, postern.key);
  }, 60_000);

  afterAll(() => postern.stop(), 30_000);

  const waits = async (id: string) => (await operator.get<Waits>(WAITING, { id })).message.recipients[0];

  it('pauses a lane, sees why its mail waits, and lets it go on', async () => {
    const reason = 'a wrong link';
    const { payload } = await operator.get<Paused>(PAUSE, { input: { lane: 'BULK', reason } });
    expect(payload).toMatchObject({ lane: { isPaused: true, pauseReason: reason }, userErrors: [] });
    const bulk = await operator.accepted(mailTo('delivered@postern.test', { lane: 'BULK' }));
    const code = await operator.accepted(mailTo('delivered@postern.test', { lane: 'OTP' }));
    await waitFor(async () => (await operator.message(code.message.id))?.status === 'DELIVERED');
    expect(await waits(bulk.message.id)).toEqual({
      status: 'QUEUED',
      waitingFor: { kind: 'LANE_PAUSED', on: null, until: null },
    });
    await operator.get(RESUME);
    await waitFor(async () => (await operator.message(bulk.message.id))?.status === 'DELIVERED');
    expect((await waits(bulk.message.id))?.waitingFor).toBeNull();
  }, 30_000);

  it('sees what a deferred, a scheduled and a held message wait for', async () => {
    const deferred = await operator.accepted(mailTo('deferred@postern.test'));
    await waitFor(async () => (await waits(deferred.message.id))?.waitingFor?.kind === 'RETRY');
    expect((await waits(deferred.message.id))?.waitingFor).toMatchObject({ on: 'sandbox', until: expect.any(String) });
    const sendAt = new Date(Date.now() + 3_600_000).toISOString();
    const scheduled = await operator.accepted(mailTo('delivered@postern.test', { sendAt }));
    expect((await waits(scheduled.message.id))?.waitingFor).toMatchObject({ kind: 'SCHEDULE', until: sendAt });
    const held = await operator.accepted(mailTo('delivered@postern.test', { hold: true }));
    expect((await waits(held.message.id))?.waitingFor?.kind).toBe('HOLD');
  }, 30_000);

  it('is told what is wrong with a reason, and that other keys may not', async () => {
    const { payload } = await operator.get<Paused>(PAUSE, { input: { lane: 'BULK', reason: '  ' } });
    expect(payload).toMatchObject({ lane: null, userErrors: [{ code: 'REQUIRED', path: ['reason'] }] });
    const other = operator.at(postern.url, (await operator.createKey('LIVE', ['ADMIN'])).secret);
    const { errors } = await other.ask(PAUSE, { input: { lane: 'BULK', reason: 'no' } });
    expect(errors[0]?.extensions.code).toBe('FORBIDDEN');
  });
});
