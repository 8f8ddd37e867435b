import type { ProbeResult } from '../transport.js';
import type { Exchanged } from './http-exchange.js';
import { type Dialect, plainText } from './http-outcome.js';

const ALIVE: ReadonlySet<number> = new Set([401, 403, 429]);

/**
 * Alive is who answers, also by asking for less or by saying that this key may not ask: one that may
 * only send is good practice, and whether it may is told by the mail.
 */
export function probeResultOf(exchanged: Exchanged, dialect: Dialect): ProbeResult {
  if (exchanged.got !== 'answer') return { alive: false, note: exchanged.note };
  const { status } = exchanged.answer;
  if (status < 300) return { alive: true, note: '' };
  const { name = '', text = '' } = dialect.errorIn(exchanged.answer) ?? {};
  return { alive: ALIVE.has(status), note: plainText(`the provider answered ${status} ${name} ${text}`) };
}
