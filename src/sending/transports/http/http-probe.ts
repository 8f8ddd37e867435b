import type { ProbeResult } from '../transport.js';
import type { Exchanged } from './http-exchange.js';
import { type Dialect, plainText } from './http-outcome.js';

/** Alive is who answers us with success, or only asks for less. */
export function probeResultOf(exchanged: Exchanged, dialect: Dialect): ProbeResult {
  if (exchanged.got !== 'answer') return { alive: false, note: exchanged.note };
  const { status } = exchanged.answer;
  if (status < 300) return { alive: true, note: '' };
  const { name = '', text = '' } = dialect.errorIn(exchanged.answer) ?? {};
  return { alive: status === 429, note: plainText(`the provider answered ${status} ${name} ${text}`) };
}
