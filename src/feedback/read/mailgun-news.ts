import { createHmac, timingSafeEqual } from 'node:crypto';
import { type JsonObject, jsonObject, numberIn, objectIn, textIn } from '../../domain/json-object.js';
import { decodeRecipientKey, RECIPIENT_TAG } from '../../domain/recipient-key.js';
import { makeReply } from './read-reply.js';
import { type NewsKind, type NewsReading, type PassedOnReply, type ProviderNews, refused } from './provider-news.js';

/** Mailgun repeats for eight hours what was not taken. */
const OLDEST_MS = 24 * 3_600_000;
const CLOCK_SLACK_MS = 300_000;

/**
 * News of Mailgun. The signature is part of the body and covers a time and a token, not the news: whoever
 * had seen a request could put other news under its signature. So a token counts once, and not for long.
 */
export function readMailgunNews(body: Buffer, signingKey: string, now: Date): NewsReading {
  const document = jsonObject(body);
  const signature = objectIn(document, 'signature');
  const event = objectIn(document, 'event-data');
  const [timestamp, token] = [textIn(signature, 'timestamp'), textIn(signature, 'token')];
  if (event === undefined || timestamp === undefined || token === undefined) return refused(400, 'not news of Mailgun');
  const expected = createHmac('sha256', signingKey)
    .update(timestamp + token)
    .digest();
  const given = Buffer.from(textIn(signature, 'signature') ?? '', 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return refused(401, 'wrong signature');
  const age = now.getTime() - Number(timestamp) * 1000;
  if (!(age <= OLDEST_MS && age >= -CLOCK_SLACK_MS)) return refused(401, 'signed too long ago, or in the future');
  const id = textIn(event, 'id');
  return {
    kind: 'genuine',
    ids: [`token ${token}`, ...(id === undefined ? [] : [`event ${id}`])],
    news: newsIn(event),
  };
}

function newsIn(event: JsonObject): ProviderNews | undefined {
  const kind = kindOf(event);
  const recipient = decodeRecipientKey(textIn(objectIn(event, 'user-variables'), RECIPIENT_TAG) ?? '');
  if (kind === undefined || recipient === undefined) return undefined;
  const at = numberIn(event, 'timestamp');
  return { kind, recipient, occurredAt: at === undefined ? undefined : new Date(at * 1000), reply: replyIn(event) };
}

function kindOf(event: JsonObject): NewsKind | undefined {
  switch (textIn(event, 'event')) {
    case 'accepted':
      return 'TAKEN';
    case 'delivered':
      return 'DELIVERED';
    case 'failed':
      return textIn(event, 'severity') === 'temporary' ? 'DELAYED' : 'BOUNCED';
    case 'rejected':
      return 'BOUNCED';
    case 'complained':
      return 'COMPLAINED';
    default:
      return undefined;
  }
}

function replyIn(event: JsonObject): PassedOnReply | undefined {
  const status = objectIn(event, 'delivery-status');
  const text =
    textIn(status, 'message') ?? textIn(status, 'description') ?? textIn(objectIn(event, 'reject'), 'reason');
  const code = numberIn(status, 'code');
  if (text === undefined && code === undefined) return undefined;
  return makeReply(code, textIn(status, 'enhanced-code'), text ?? '');
}
