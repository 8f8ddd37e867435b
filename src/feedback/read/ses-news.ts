import { firstIn, type JsonObject, jsonObject, objectIn, textIn } from '../../domain/json-object.js';
import { decodeRecipientKey, RECIPIENT_TAG } from '../../domain/recipient-key.js';
import { readReply } from './read-reply.js';
import type { NewsKind, PassedOnReply, ProviderNews } from './provider-news.js';

/** An event that SES publishes for a configuration set; undefined for what is not kept or not ours. */
export function readSesNews(message: string): ProviderNews | undefined {
  const event = jsonObject(message);
  const type = textIn(event, 'eventType');
  const recipient = decodeRecipientKey(tagOf(event) ?? '');
  const kind = kindOf(type, event);
  if (event === undefined || kind === undefined || recipient === undefined) return undefined;
  const detail = objectIn(event, DETAILS.get(type) ?? '');
  const at = new Date(textIn(detail, 'timestamp') ?? textIn(objectIn(event, 'mail'), 'timestamp') ?? '');
  return {
    kind,
    recipient,
    occurredAt: Number.isNaN(at.getTime()) ? undefined : at,
    reply: replyIn(detail),
    ...(type === 'Reject' ? { reason: 'CONTENT' as const } : {}),
  };
}

/** The object that tells more, by the type of the event. */
const DETAILS = new Map<string | undefined, string>([
  ['Delivery', 'delivery'],
  ['DeliveryDelay', 'deliveryDelay'],
  ['Bounce', 'bounce'],
  ['Reject', 'reject'],
  ['Complaint', 'complaint'],
]);

/** Every tag has a list of values. */
function tagOf(event: JsonObject | undefined): string | undefined {
  const values = objectIn(objectIn(event, 'mail'), 'tags')?.[RECIPIENT_TAG];
  return Array.isArray(values) && typeof values[0] === 'string' ? values[0] : undefined;
}

function kindOf(type: string | undefined, event: JsonObject | undefined): NewsKind | undefined {
  switch (type) {
    case 'Send':
      return 'TAKEN';
    case 'Delivery':
      return 'DELIVERED';
    case 'DeliveryDelay':
      return 'DELAYED';
    case 'Bounce':
      return isFinal(objectIn(event, 'bounce')) ? 'BOUNCED' : 'TAKEN';
    case 'Reject':
      return 'BOUNCED';
    case 'Complaint':
      return 'COMPLAINED';
    default:
      return undefined;
  }
}

/** Answers of somebody who is away come as transient bounces without an action; the mail has arrived. */
function isFinal(bounce: JsonObject | undefined): boolean {
  if (textIn(bounce, 'bounceType') !== 'Transient') return true;
  return textIn(firstIn(bounce, 'bouncedRecipients'), 'action') === 'failed';
}

function replyIn(detail: JsonObject | undefined): PassedOnReply | undefined {
  const one = firstIn(detail, 'bouncedRecipients') ?? firstIn(detail, 'delayedRecipients');
  const line = textIn(detail, 'smtpResponse') ?? textIn(one, 'diagnosticCode') ?? textIn(detail, 'reason');
  return line === undefined ? undefined : readReply(line, textIn(one, 'status'));
}
