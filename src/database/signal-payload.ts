/** What there can be news about. The detail of `jobs` is the name of the lane. */
export const SIGNAL_TOPICS = ['events', 'jobs', 'providers'] as const;

export type SignalTopic = (typeof SIGNAL_TOPICS)[number];

/** One hint. */
export interface Signal {
  readonly topic: SignalTopic;
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
  // A later release may have topics of its own.
  const known = SIGNAL_TOPICS.find((one) => one === topic);
  if (known === undefined) return [];
  return [{ topic: known, detail: space < 0 ? undefined : text.slice(space + 1) }];
}
