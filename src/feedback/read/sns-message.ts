import { type KeyObject, verify } from 'node:crypto';
import { type JsonObject, jsonObject, textIn } from '../../domain/json-object.js';

/** A message of Amazon SNS as it was posted; not verified yet. */
export interface SnsMessage {
  readonly type: 'Notification' | 'SubscriptionConfirmation';
  readonly id: string;
  readonly topicArn: string;
  readonly text: string;
  /** Whoever calls it has agreed to the subscription. */
  readonly subscribeUrl: URL | undefined;
  readonly certificateUrl: URL;
  readonly signature: Buffer;
  readonly signed: string;
}

const SIGNED_FIELDS = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
} as const;

/** The message in a body, or what is wrong with it. */
export function readSnsMessage(body: Buffer): SnsMessage | { readonly problem: string } {
  const document = jsonObject(body);
  const type = textIn(document, 'Type');
  if (type !== 'Notification' && type !== 'SubscriptionConfirmation') return { problem: 'not a message of SNS' };
  const [id, topicArn] = [textIn(document, 'MessageId'), textIn(document, 'TopicArn')];
  if (document === undefined || id === undefined || topicArn === undefined) return { problem: 'not a message of SNS' };
  // Version 1 is SHA-1.
  if (textIn(document, 'SignatureVersion') !== '2') {
    return { problem: 'SignatureVersion is not 2: set it as an attribute of the topic' };
  }
  const certificateUrl = urlOfRegion(topicArn, textIn(document, 'SigningCertURL'));
  if (certificateUrl?.pathname.endsWith('.pem') !== true) return { problem: 'a certificate from elsewhere' };
  return {
    type,
    id,
    topicArn,
    text: textIn(document, 'Message') ?? '',
    subscribeUrl: urlOfRegion(topicArn, textIn(document, 'SubscribeURL')),
    certificateUrl,
    signature: Buffer.from(textIn(document, 'Signature') ?? '', 'base64'),
    signed: signedText(document, SIGNED_FIELDS[type]),
  };
}

export function isSignedBy({ signed, signature }: SnsMessage, key: KeyObject): boolean {
  return verify('sha256', Buffer.from(signed), key, signature);
}

/** Names and values in lines; a subject only where there is one. */
function signedText(document: JsonObject, fields: readonly string[]): string {
  return fields
    .filter((field) => typeof document[field] === 'string')
    .map((field) => `${field}\n${String(document[field])}\n`)
    .join('');
}

/**
 * A URL of SNS in the topic's own region. Any name of the form `sns.….amazonaws.com` will not do: a bucket
 * called "sns" is at `sns.s3.amazonaws.com`, with whatever certificate its owner puts there.
 */
function urlOfRegion(topicArn: string, text: string | undefined): URL | undefined {
  if (text === undefined || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const [, partition, , region = ''] = topicArn.split(':');
  const host = `sns.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}`;
  const isTheirs = url.protocol === 'https:' && url.hostname === host && url.port === '' && url.username === '';
  return isTheirs ? url : undefined;
}
