import { ask } from '../bench/graphql-client.ts';
import type { LedgerEntry } from './ledger.ts';
import { numberOf } from './load.ts';

const RESOLVE = `mutation ($input: ResolveInDoubtInput!) {
  resolveInDoubt(input: $input) { userErrors { code message } }
}`;

interface Answer {
  readonly resolveInDoubt: { readonly userErrors: readonly { readonly code: string; readonly message: string }[] };
}

/**
 * Does what an operator does about messages in doubt that must not be sent twice: asks the relay
 * whether it has them. The number of those it had.
 */
export async function resolveDoubts(
  api: { readonly url: string; readonly key: string },
  doubtful: readonly LedgerEntry[],
  taken: ReadonlyMap<number, unknown>,
): Promise<number> {
  let sent = 0;
  for (const { key, recipient } of doubtful) {
    const wasTaken = taken.has(numberOf(key));
    if (wasTaken) sent += 1;
    const input = { recipientId: recipient, resolution: wasTaken ? 'HANDED_OFF' : 'RESEND' };
    const { resolveInDoubt } = await ask<Answer>(api.url, api.key, RESOLVE, { input });
    const [problem] = resolveInDoubt.userErrors;
    if (problem !== undefined) throw new Error(`${recipient}: ${problem.code} ${problem.message}`);
  }
  return sent;
}
