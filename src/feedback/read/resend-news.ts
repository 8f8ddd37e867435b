import { Webhook } from 'standardwebhooks';
import { type JsonObject, jsonObject, objectIn, textIn } from '../../domain/json-object.js';
import { decodeRecipientKey, RECIPIENT_TAG } from '../../domain/recipient-key.js';
import { makeReply } from './read-reply.js';
import {
  type NewsKind,
  type NewsReading,
  type NewsRequest,
  type PassedOnReply,
  type ProviderNews,
  refused,
} from './provider-news.js';

const KINDS = new Map<string | undefined, NewsKind>([
  ['email.sent', 'TAKEN'],
  ['email.delivered', 'DELIVERED'],
  ['email.delivery_delayed', 'DELAYED'],
  ['email.bounced', 'BOUNCED'],
  ['email.failed', 'BOUNCED'],
  ['email.suppressed', 'BOUNCED'],
  ['email.complained', 'COMPLAINED'],
]);

/** News of Resend, signed in the way of Standard Webhooks under header names of its own; five minutes old at most. */
export function readResendNews({ headers, body }: NewsRequest, secret: string): NewsReading {
  const header = (name: string): string => String(headers[`svix-${name}`] ?? '');
  const signed = { 'webhook-id': header('id'), 'webhook-timestamp': header('timestamp') };
  try {
    new Webhook(secret).verify(body, { ...signed, 'webhook-signature': header('signature') }, { jsonParse: false });
  } catch {
    return refused(401, 'wrong signature, or signed too long ago');
  }
  const event = jsonObject(body);
  if (event === undefined) return refused(400, 'not news of Resend');
  return { kind: 'genuine', ids: [signed['webhook-id']], news: newsIn(event) };
}

function newsIn(event: JsonObject): ProviderNews | undefined {
  const data = objectIn(event, 'data');
  const kind = KINDS.get(textIn(event, 'type'));
  const recipient = decodeRecipientKey(tagOf(data) ?? '');
  if (kind === undefined || recipient === undefined) return undefined;
  const at = new Date(textIn(event, 'created_at') ?? '');
  return { kind, recipient, occurredAt: Number.isNaN(at.getTime()) ? undefined : at, reply: replyIn(data) };
}

/** An object by names, or the list that was sent. */
function tagOf(data: JsonObject | undefined): string | undefined {
  const { tags } = data ?? {};
  if (!Array.isArray(tags)) return textIn(objectIn(data, 'tags'), RECIPIENT_TAG);
  const tag = (tags as unknown[]).find((one) => (one as JsonObject | null)?.['name'] === RECIPIENT_TAG);
  return textIn(tag as JsonObject | undefined, 'value');
}

/** In words only: the code of the reply is not passed on. */
function replyIn(data: JsonObject | undefined): PassedOnReply | undefined {
  const text =
    textIn(objectIn(data, 'bounce'), 'message') ??
    textIn(objectIn(data, 'failed'), 'reason') ??
    textIn(objectIn(data, 'suppressed'), 'message');
  return text === undefined ? undefined : makeReply(undefined, undefined, text);
}
