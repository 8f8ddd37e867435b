/** One hint. */
export interface Signal {
  readonly topic: 'events' | 'jobs' | 'domains';
  readonly detail: string | undefined;
}

/** PostgreSQL takes less than 8000 bytes. */
const LARGEST = 7000;

/** The payload of one NOTIFY: who sent it, then a line per signal. Too many details become "any". */
export function encodeSignals(from: string, signals: readonly Signal[]): string {
  const payload = [from, ...signals.map(line)].join('\n');
  if (Buffer.byteLength(payload) <= LARGEST) return payload;
  return [from, ...new Set(signals.map(({ topic }) => topic))].join('\n');
}

/** Undefined for what no release of ours has sent. */
export function decodeSignals(payload: string): { from: string; signals: Signal[] } | undefined {
  const [from, ...lines] = payload.split('\n');
  if (from === undefined || from === '') return undefined;
  return { from, signals: lines.flatMap(parse) };
}

function line({ topic, detail }: Signal): string {
  return detail === undefined ? topic : `${topic} ${detail}`;
}

function parse(text: string): Signal[] {
  const space = text.indexOf(' ');
  const topic = space < 0 ? text : text.slice(0, space);
  if (topic !== 'events' && topic !== 'jobs' && topic !== 'domains') return [];
  return [{ topic, detail: space < 0 ? undefined : text.slice(space + 1) }];
}
