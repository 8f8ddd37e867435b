import { describe, expect, it } from '@jest/globals';
import { CERTIFICATE_URL, sesEvent, snsMessage, TOPIC } from '../../../test/support/provider-news.js';
import { OTHER_TLS, RELAY_TLS } from '../../../test/support/tls-fixture.js';
import { encodeRecipientKey } from '../../domain/recipient-key.js';
import { AmazonSns } from './amazon-sns.js';

const RECIPIENT = {
  tenantId: '01936f1e-0000-7000-8000-000000000001',
  messageId: '01936f1e-0000-7000-8000-000000000002',
  n: 0,
};
const NEWS = sesEvent(encodeRecipientKey(RECIPIENT), 'Send');
const SUBSCRIBE = 'https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&Token=abc';
const subscription = (changes = {}) =>
  snsMessage('You have chosen to subscribe', {
    Type: 'SubscriptionConfirmation',
    Token: 'abc',
    SubscribeURL: SUBSCRIBE,
    ...changes,
  });

function amazon(certificate = RELAY_TLS.cert): { sns: AmazonSns; asked: string[] } {
  const asked: string[] = [];
  const sns = new AmazonSns((url) => {
    asked.push(url.href);
    return Promise.resolve(certificate);
  });
  return { sns, asked };
}

describe('what Amazon SNS posts', () => {
  it('is read when it is signed by the key of the certificate it names, which is asked for once', async () => {
    const { sns, asked } = amazon();
    for (let n = 0; n < 2; n += 1) {
      expect(await sns.read(snsMessage(NEWS, { MessageId: `m-${n}`, Subject: 'SES' }).body, TOPIC)).toMatchObject({
        kind: 'genuine',
        ids: [`m-${n}`],
        news: { kind: 'TAKEN', recipient: RECIPIENT },
      });
    }
    expect(asked).toEqual([CERTIFICATE_URL]);
  });

  it('is agreed to when it is a subscription to the topic', async () => {
    const { sns, asked } = amazon();
    expect(await sns.read(subscription().body, TOPIC)).toMatchObject({ kind: 'genuine', news: undefined });
    expect(asked).toEqual([CERTIFICATE_URL, SUBSCRIBE]);
  });

  it('is not agreed to for another topic, and nobody is asked anything', async () => {
    const { sns, asked } = amazon();
    const other = subscription({ TopicArn: `${TOPIC}-2` });
    expect(await sns.read(other.body, TOPIC)).toEqual({ kind: 'refused', status: 401, why: 'of another topic' });
    expect(asked).toEqual([]);
  });

  it('is refused when another key has signed it, or it was changed afterwards', async () => {
    expect(await amazon(OTHER_TLS.cert).sns.read(snsMessage(NEWS).body, TOPIC)).toMatchObject({ status: 401 });
    const changed = snsMessage(NEWS).body.toString().replace('Send', 'Sent');
    expect(await amazon().sns.read(Buffer.from(changed), TOPIC)).toMatchObject({ status: 401 });
    expect(await amazon().sns.read(snsMessage(NEWS, { Signature: '' }).body, TOPIC)).toMatchObject({ status: 401 });
  });

  it.each([
    'https://sns.s3.amazonaws.com/a.pem',
    'https://sns.us-east-1.amazonaws.com/a.pem',
    'https://sns.eu-central-1.amazonaws.com.cn/a.pem',
    'https://sns.evil.amazonaws.com.example.org/a.pem',
    'https://sns.evil.example.amazonaws.com/a.pem',
    'https://evil.example/sns.eu-central-1.amazonaws.com/a.pem',
    'https://sns.eu-central-1.amazonaws.com@evil.example/a.pem',
    'https://user@sns.eu-central-1.amazonaws.com/a.pem',
    'https://sns.eu-central-1.amazonaws.com:444/a.pem',
    'http://sns.eu-central-1.amazonaws.com/a.pem',
    'https://sns.eu-central-1.amazonaws.com/a.txt',
    'file:///etc/passwd.pem',
    'nothing',
    undefined,
  ])('is refused with a certificate from elsewhere: %s', async (url) => {
    const { sns, asked } = amazon();
    const reading = await sns.read(snsMessage(NEWS, { SigningCertURL: url }).body, TOPIC);
    expect(reading).toEqual({ kind: 'refused', status: 400, why: 'a certificate from elsewhere' });
    expect(asked).toEqual([]);
  });

  it('is not agreed to at an address that is not of Amazon', async () => {
    const { sns, asked } = amazon();
    const reading = await sns.read(subscription({ SubscribeURL: 'https://evil.example/' }).body, TOPIC);
    expect(reading).toMatchObject({ kind: 'refused', status: 400 });
    expect(asked).toEqual([CERTIFICATE_URL]);
  });

  it('has its certificate in the region of the topic, in China too', async () => {
    const { sns, asked } = amazon();
    const topic = 'arn:aws-cn:sns:cn-north-1:123456789012:postern';
    const url = 'https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-0123.pem';
    const { body } = snsMessage(NEWS, { TopicArn: topic, SigningCertURL: url });
    expect(await sns.read(body, topic)).toMatchObject({ kind: 'genuine' });
    expect(asked).toEqual([url]);
  });

  it('says what to do about the old signature', async () => {
    const reading = await amazon().sns.read(snsMessage(NEWS, { SignatureVersion: '1' }).body, TOPIC);
    expect(reading).toEqual({
      kind: 'refused',
      status: 400,
      why: 'SignatureVersion is not 2: set it as an attribute of the topic',
    });
  });

  it('is told again later when the certificate cannot be had', async () => {
    const sns = new AmazonSns(() => Promise.reject(new Error('no network')));
    await expect(sns.read(snsMessage(NEWS).body, TOPIC)).rejects.toThrow('no network');
  });

  it.each(['', '{}', '{"Type":"UnsubscribeConfirmation"}', '{"Type":"Notification"}'])(
    'is nothing else: %j',
    async (body) => {
      expect(await amazon().sns.read(Buffer.from(body), TOPIC)).toMatchObject({ kind: 'refused', status: 400 });
    },
  );
});
