import type { Installation } from './installation.ts';
import type { NextHop } from './next-hop.ts';
import { type SteadyMail, type SteadySender, addressOf } from './steady-sender.ts';
import { median, percentile } from './workload.ts';

const ARRIVES_WITHIN_MS = 120_000;

/** Milliseconds of one phase. `accepted`: from the commit to the relay's 250, by the ledger. `asked`: from the request to it. */
export interface Latencies {
  readonly accepted: readonly number[];
  readonly asked: readonly number[];
  readonly lost: number;
}

/** Address → milliseconds between acceptance and the relay's reply, on the database's clock. */
const ACCEPTED_TO_REPLY = `
select extract(epoch from a.finished_at - m.accepted_at)::float8 * 1000 as ms
  from recipient r
  join message m on m.tenant_id = r.tenant_id and m.id = r.message_id
  join attempt a on a.tenant_id = r.tenant_id and a.message_id = r.message_id and a.n = r.n
 where r.address = any($1::text[]) and a.outcome = 'ACCEPTED'`;

export interface Phase {
  readonly everyMs: number;
  readonly seconds: number;
  readonly mail: () => SteadyMail;
  /** Whose latency is wanted; the others are sent along. */
  readonly isMeasured?: (mail: SteadyMail) => boolean;
}

/** Sends steadily for some seconds and waits until what is measured has arrived. */
export async function measureLatency(
  house: Installation,
  hop: NextHop,
  sender: SteadySender,
  { everyMs, seconds, mail, isMeasured }: Phase,
): Promise<Latencies> {
  const measured: SteadyMail[] = [];
  let left = Math.ceil((seconds * 1000) / everyMs);
  const begun = await sender.run(everyMs, () => {
    if (left === 0) return undefined;
    left -= 1;
    const next = mail();
    if (isMeasured?.(next) ?? true) measured.push(next);
    return next;
  });
  const arrivals = await waitForAll(hop, measured);
  const asked = measured.flatMap(({ id }) => {
    const [at] = arrivals.get(id) ?? [];
    return at === undefined ? [] : [at - (begun.get(id) ?? 0)];
  });
  const rows = await house.query<{ ms: number }>(ACCEPTED_TO_REPLY, [measured.map(addressOf)]);
  return { accepted: rows.map(({ ms }) => ms), asked, lost: measured.length - asked.length };
}

async function waitForAll(hop: NextHop, mails: readonly SteadyMail[]): Promise<Map<number, number[]>> {
  const below = Math.max(...mails.map(({ id }) => id)) + 1;
  const end = performance.now() + ARRIVES_WITHIN_MS;
  for (;;) {
    const arrivals = await hop.arrivals(below);
    if (mails.every(({ id }) => arrivals.has(id)) || performance.now() > end) return arrivals;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** p50 and p99 of each round, as medians of the rounds. */
export function summary(rounds: readonly (readonly number[])[]): { p50: number; p99: number } {
  const mid = (share: number): number => median(rounds.map((times) => percentile(times, share) ?? Number.NaN));
  return { p50: mid(0.5), p99: mid(0.99) };
}

export const ms = (value: number): string => `${value.toFixed(1).padStart(8)} ms`;
