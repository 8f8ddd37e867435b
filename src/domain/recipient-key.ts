/** One recipient of one message, among all tenants. */
export interface RecipientKey {
  readonly tenantId: string;
  readonly messageId: string;
  readonly n: number;
}

/** The name of the tag that carries the key to a provider, and back with its news. */
export const RECIPIENT_TAG = 'postern_recipient';

const FORM = /^([0-9a-f-]{36})_([0-9a-f-]{36})_(0|[1-9]\d{0,3})$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** In letters, digits, hyphens and underscores: every provider takes these in a tag. */
export function encodeRecipientKey({ tenantId, messageId, n }: RecipientKey): string {
  return `${tenantId}_${messageId}_${n}`;
}

/** Undefined when it is something else. */
export function decodeRecipientKey(text: string): RecipientKey | undefined {
  const [, tenantId = '', messageId = '', n] = FORM.exec(text) ?? [];
  return UUID.test(tenantId) && UUID.test(messageId) ? { tenantId, messageId, n: Number(n) } : undefined;
}
