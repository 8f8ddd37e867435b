interface Reply {
  readonly code: number;
  readonly enhanced: string | undefined;
}

/** Nothing was answered, or what was no reply. */
export const NO_REPLY = 'none';

/**
 * What replies are counted by: `250`, `450 4.2.2`, `none`. Of a success the code says it all; of the
 * others the enhanced code (RFC 3463) tells why.
 */
export function replyKey(reply: Reply | undefined): string {
  if (reply === undefined) return NO_REPLY;
  const { code, enhanced } = reply;
  return code < 400 || enhanced === undefined ? String(code) : `${code} ${enhanced}`;
}

/** What kind of reply it was (RFC 5321 section 4.2.1). */
export function replyKind(reply: Reply | undefined): '2xx' | '4xx' | '5xx' | typeof NO_REPLY {
  switch (Math.floor((reply?.code ?? 0) / 100)) {
    case 2:
      return '2xx';
    case 4:
      return '4xx';
    case 5:
      return '5xx';
    default:
      return NO_REPLY;
  }
}
