import { createHmac, createSign, randomUUID } from 'node:crypto';
import { RELAY_TLS } from './tls-fixture.js';

// The requests that providers post when something has become of a mail, written and signed as they do.

export const MAILGUN_SIGNING_KEY = 'mailgun-webhook-signing-key';
export const RESEND_SECRET = `whsec_${Buffer.from('0123456789abcdef01234567').toString('base64')}`;
export const TOPIC = 'arn:aws:sns:eu-central-1:123456789012:postern';
export const CERTIFICATE_URL = 'https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123.pem';

export interface Posted {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const seconds = (at: Date): number => at.getTime() / 1000;

/** Mailgun: the signature is about a time and a token, and stands in the body. */
export function mailgunNews(
  key: string,
  event: object,
  { at = new Date(), token = String(randomUUID()), signingKey = MAILGUN_SIGNING_KEY } = {},
): Posted {
  const timestamp = String(Math.floor(seconds(at)));
  const signature = createHmac('sha256', signingKey)
    .update(timestamp + token)
    .digest('hex');
  const data = { id: randomUUID(), timestamp: seconds(at), 'user-variables': { postern_recipient: key }, ...event };
  return json({ signature: { timestamp, token, signature }, 'event-data': data });
}

/** Resend: Standard Webhooks under names of its own. */
export function resendNews(
  key: string,
  type: string,
  data: object = {},
  { at = new Date(), id = `msg_${randomUUID()}`, secret = RESEND_SECRET } = {},
): Posted {
  const event = { type, created_at: at.toISOString(), data: { tags: { postern_recipient: key }, ...data } };
  const { headers, body } = json(event);
  const timestamp = String(Math.floor(seconds(at)));
  const hmac = createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'));
  const signature = hmac.update(`${id}.${timestamp}.${body.toString()}`).digest('base64');
  // One of another key comes first while secrets are being changed.
  const signatures = `v1,${Buffer.alloc(32).toString('base64')} v1,${signature}`;
  return { headers: { ...headers, 'svix-id': id, 'svix-timestamp': timestamp, 'svix-signature': signatures }, body };
}

/** The event of SES that an SNS notification carries. */
export function sesEvent(key: string, eventType: string, detail: object = {}): string {
  const mail = { timestamp: '2026-01-31T10:00:00.000Z', messageId: '0102', tags: { postern_recipient: [key] } };
  return JSON.stringify({ eventType, mail, ...detail });
}

/** SNS: signed by the key of a certificate that the message names. */
export function snsMessage(message: string, changes: Readonly<Record<string, string | undefined>> = {}): Posted {
  const document: Record<string, string | undefined> = {
    Type: 'Notification',
    MessageId: randomUUID(),
    TopicArn: TOPIC,
    Message: message,
    Timestamp: new Date().toISOString(),
    SignatureVersion: '2',
    SigningCertURL: CERTIFICATE_URL,
    ...changes,
  };
  const fields = ['Message', 'MessageId', 'Subject', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
  const lines = fields.flatMap((field) => (document[field] === undefined ? [] : [field, document[field]]));
  const signer = createSign('sha256').update(lines.map((line) => `${line}\n`).join(''));
  const body = { Signature: signer.sign(RELAY_TLS.key, 'base64'), ...document };
  return { headers: { 'content-type': 'text/plain; charset=UTF-8' }, body: Buffer.from(JSON.stringify(body)) };
}

function json(document: object): Posted {
  return { headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(document)) };
}
