/** Which attempt for which recipient a hand-over belongs to. */
export interface HandOverIdentity {
  readonly tenantId: string;
  readonly messageId: string;
  readonly n: number;
  readonly attempt: number;
}

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const FORM = new RegExp(`^(${UUID})\\.(${UUID})\\.(\\d{1,4})\\.(\\d{1,6})$`);

/** Reads `tenantId.messageId.n.attempt`; undefined when it is something else. */
export function parseEnvid(envid: string): HandOverIdentity | undefined {
  const [, tenantId, messageId, n, attempt] = FORM.exec(envid) ?? [];
  if (tenantId === undefined || messageId === undefined) return undefined;
  return { tenantId, messageId, n: Number(n), attempt: Number(attempt) };
}
