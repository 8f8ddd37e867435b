/** The kinds of object a client can hold an id of. */
export type IdKind = 'msg' | 'key' | 'mail' | 'tnt' | 'dom' | 'chg';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** `msg_` and 32 hex digits. Clients must treat ids as opaque. */
export function encodeId(kind: IdKind, uuid: string): string {
  return `${kind}_${uuid.replaceAll('-', '')}`;
}

/** The UUID behind an id of the given kind, or undefined when it is not one. */
export function decodeId(kind: IdKind, id: string): string | undefined {
  if (!id.startsWith(`${kind}_`)) return undefined;
  const hex = id.slice(kind.length + 1);
  if (hex.length !== 32) return undefined;
  const uuid = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  return UUID.test(uuid) ? uuid : undefined;
}

/** A recipient is named by its message and its position in it. */
export function encodeRecipientId(messageId: string, n: number): string {
  return `rcp_${messageId.replaceAll('-', '')}_${n}`;
}

/** The message id and position behind a recipient's id, or undefined when it is not one. */
export function decodeRecipientId(id: string): { messageId: string; n: number } | undefined {
  const match = /^rcp_([0-9a-f]{32})_(0|[1-9]\d{0,3})$/.exec(id);
  const messageId = decodeId('msg', `msg_${match?.[1]}`);
  return messageId === undefined ? undefined : { messageId, n: Number(match?.[2]) };
}
