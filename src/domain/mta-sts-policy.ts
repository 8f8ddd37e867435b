/** What a domain demands of who brings it mail (RFC 8461 section 3.2). */
export interface MtaStsPolicy {
  readonly mode: 'enforce' | 'testing' | 'none';
  /** Host names; a leading `*.` stands for exactly one label. */
  readonly mx: readonly string[];
  readonly maxAgeSeconds: number;
}

/** A year, the most that RFC 8461 section 3.2 allows. */
const MAX_AGE_SECONDS = 31_557_600;

const MX_PATTERN = /^(?:\*\.)?[a-z\d](?:[a-z\d-]*[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]*[a-z\d])?)*$/;

/**
 * The id in the TXT records of `_mta-sts.<domain>`: a new one means a new policy. Undefined when the
 * domain has none; more than one record that begins as one counts as none (RFC 8461 section 3.1).
 */
export function readPolicyId(records: readonly string[]): string | undefined {
  const [record, second] = records.filter((text) => /^v=STSv1[ \t]*;/.test(text));
  if (record === undefined || second !== undefined) return undefined;
  const fields = record.split(';').map((field) => field.trim());
  const id = fields.find((field) => field.startsWith('id='))?.slice('id='.length);
  return id !== undefined && /^[A-Za-z\d]{1,32}$/.test(id) ? id : undefined;
}

/** The policy in the text that was fetched, or undefined when it is none. Unknown keys are passed over. */
export function parsePolicy(text: string): MtaStsPolicy | undefined {
  const pairs = text.split(/\r?\n/).flatMap(readPair);
  const first = (key: string): string => pairs.find((pair) => pair.key === key)?.value ?? '';
  const mode = first('mode');
  if (first('version') !== 'STSv1' || (mode !== 'enforce' && mode !== 'testing' && mode !== 'none')) return undefined;
  const mx = pairs.filter(({ key }) => key === 'mx').map(({ value }) => value.toLowerCase());
  if (!mx.every((pattern) => MX_PATTERN.test(pattern)) || (mx.length === 0 && mode !== 'none')) return undefined;
  if (!/^\d{1,10}$/.test(first('max_age'))) return undefined;
  return { mode, mx, maxAgeSeconds: Math.min(Number(first('max_age')), MAX_AGE_SECONDS) };
}

/** Whether the policy names this MX host (RFC 8461 section 4.1). */
export function isNamedBy(policy: Pick<MtaStsPolicy, 'mx'>, host: string): boolean {
  const name = host.toLowerCase();
  const behindFirstLabel = name.slice(name.indexOf('.'));
  return policy.mx.some((pattern) =>
    pattern.startsWith('*.') ? pattern.slice(1) === behindFirstLabel : pattern === name,
  );
}

function readPair(line: string): { readonly key: string; readonly value: string }[] {
  const match = /^([A-Za-z\d][\w.-]{0,31}):[ \t]*(.*?)[ \t]*$/.exec(line);
  return match === null ? [] : [{ key: match[1] ?? '', value: match[2] ?? '' }];
}
