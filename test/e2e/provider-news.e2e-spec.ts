import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SocketFollower } from '../support/follow.js';
import { MAILGUN_DOMAIN, MAILGUN_KEY, MailgunStandIn } from '../support/mailgun-stand-in.js';
import { mailTo, PosternClient } from '../support/postern-client.js';
import {
  MAILGUN_SIGNING_KEY,
  mailgunNews,
  type Posted,
  RESEND_SECRET,
  resendNews,
  snsMessage,
  TOPIC,
} from '../support/provider-news.js';
import { type RunningPostern, startPostern } from '../support/start-postern.js';
import { waitFor } from '../support/wait-for.js';

let mailgun: MailgunStandIn;
let postern: RunningPostern;
let live: PosternClient;

beforeAll(async () => {
  mailgun = await MailgunStandIn.start();
  const providers = [
    {
      name: 'mailgun',
      kind: 'MAILGUN',
      settings: {
        domain: MAILGUN_DOMAIN,
        apiKey: MAILGUN_KEY,
        baseUrl: mailgun.http.baseUrl,
        webhookSigningKey: MAILGUN_SIGNING_KEY,
      },
    },
    { name: 'resend', kind: 'RESEND', settings: { apiKey: 're_123', webhookSecret: RESEND_SECRET } },
    { name: 'ses', kind: 'SES', settings: { region: 'eu-central-1', snsTopicArn: TOPIC } },
    { name: 'quiet', kind: 'RESEND', settings: { apiKey: 're_123' } },
  ];
  const routes = [{ steps: [{ providers: [{ provider: 'mailgun' }] }] }];
  postern = await startPostern({ env: { POSTERN_PROVIDERS: JSON.stringify({ providers, routes }) } });
  const admin = new PosternClient(postern.url, postern.key);
  live = admin.at(admin.url, (await admin.createKey('LIVE', ['SEND', 'READ', 'OPERATE'])).secret);
}, 60_000);

afterAll(async () => {
  await postern.stop();
  await mailgun.http.close();
}, 30_000);

async function tell(provider: string, { headers, body }: Posted): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${postern.url}/feedback/${provider}`, { method: 'POST', headers, body: body.toString() });
  return { status: answer.status, text: await answer.text() };
}

/** What the provider was given with the mail to bring back. */
async function keyOf(address: string): Promise<string> {
  const mail = await waitFor(() => mailgun.mails.find(({ fields }) => fields.get('to') === address));
  return mail.fields.get('v:postern_recipient') ?? '';
}

describe('what a provider tells', () => {
  it('settles a doubt, and is told to subscribers with the reply and the provider’s time', async () => {
    mailgun.http.fault = { at: 'answered', does: 'reset' };
    const { message } = await live.accepted(mailTo('lost@example.com', { inDoubt: 'HOLD' }));
    const follower = await SocketFollower.open(live, { id: message.id, more: 'provider occurredAt' });
    await waitFor(() => follower.types.includes('IN_DOUBT'));
    mailgun.http.fault = undefined;
    const at = new Date();
    const event = { event: 'delivered', 'delivery-status': { code: 250, message: 'OK', 'enhanced-code': '2.0.0' } };
    const news = mailgunNews(await keyOf('lost@example.com'), event, { at });
    expect(await tell('mailgun', news)).toEqual({ status: 204, text: '' });
    expect(await tell('mailgun', news)).toEqual({ status: 204, text: '' });
    await follower.ended();
    expect(follower.complete).toBe(true);
    expect(follower.types).toEqual(['ACCEPTED', 'IN_DOUBT', 'RESOLVED', 'DELIVERED']);
    expect(follower.events.at(-1)).toMatchObject({
      status: 'DELIVERED',
      provider: 'mailgun',
      code: 250,
      enhancedCode: '2.0.0',
      text: 'OK',
      occurredAt: at.toISOString(),
    });
    expect(await live.message(message.id)).toMatchObject({ status: 'DELIVERED', recipients: [{ attemptCount: 1 }] });
    expect(mailgun.mails.filter(({ fields }) => fields.get('to') === 'lost@example.com')).toHaveLength(1);
  }, 30_000);

  it('comes late, and counts: a bounce after the hand-over, a complaint as a fact', async () => {
    const { message } = await live.accepted(mailTo('gone@example.com'));
    const key = await keyOf('gone@example.com');
    await waitFor(async () => (await live.message(message.id))?.status === 'HANDED_OFF');
    const status = { code: 550, message: '5.1.1 no such user', 'enhanced-code': '5.1.1' };
    await tell('mailgun', mailgunNews(key, { event: 'failed', severity: 'permanent', 'delivery-status': status }));
    await tell('mailgun', mailgunNews(key, { event: 'complained' }));
    await tell('mailgun', mailgunNews(key, { event: 'delivered' }));
    const query = 'query ($id: ID) { message(id: $id) { events { type reason code } } }';
    const { message: told } = await live.get<{ message: { events: object[] } }>(query, { id: message.id });
    expect(told.events.slice(2)).toEqual([
      { type: 'BOUNCED', reason: 'BAD_MAILBOX', code: 550 },
      { type: 'COMPLAINED', reason: null, code: null },
      { type: 'DELIVERED', reason: null, code: null },
    ]);
    expect(await live.message(message.id)).toMatchObject({ status: 'BOUNCED' });
  }, 30_000);

  it('is taken in the form of each kind, also about mail that is not ours', async () => {
    expect(await tell('resend', resendNews('elsewhere', 'email.delivered'))).toEqual({ status: 204, text: '' });
    expect(await tell('mailgun', mailgunNews('elsewhere', { event: 'delivered' }))).toEqual({ status: 204, text: '' });
  });

  it.each([
    ['mailgun', mailgunNews('k', {}, { signingKey: 'forged' }), 401, 'Refused: wrong signature.'],
    [
      'resend',
      resendNews('k', 'email.sent', {}, { secret: 'whsec_Zm9yZ2Vk' }),
      401,
      'Refused: wrong signature, or signed too long ago.',
    ],
    ['ses', snsMessage('{}', { TopicArn: `${TOPIC}-2` }), 401, 'Refused: of another topic.'],
    [
      'ses',
      snsMessage('{}', { SignatureVersion: '1' }),
      400,
      'Refused: SignatureVersion is not 2: set it as an attribute of the topic.',
    ],
    ['mailgun', { headers: {}, body: Buffer.from('not JSON') }, 400, 'Refused: not news of Mailgun.'],
    ['mailgun', { headers: {}, body: Buffer.alloc(0) }, 400, 'Refused: not news of Mailgun.'],
    ['quiet', resendNews('k', 'email.sent'), 404, 'No provider of this name has a key to check its news with.'],
    ['nobody', resendNews('k', 'email.sent'), 404, 'No provider of this name has a key to check its news with.'],
  ])('is refused when it cannot be its own: to %s', async (provider, news, status, error) => {
    const answer = await tell(provider, news);
    expect([answer.status, JSON.parse(answer.text)]).toEqual([status, { error }]);
  });

  it('is not read beyond any size that a provider sends', async () => {
    const answer = await tell('mailgun', { headers: {}, body: Buffer.alloc(600_000, 'x') });
    expect(answer.status).toBe(413);
  });

  it('is posted to the path that each provider shows', async () => {
    const { providers } = await live.get<{ providers: object[] }>('{ providers { name newsPath } }');
    expect(providers).toEqual([
      { name: 'mailgun', newsPath: '/feedback/mailgun' },
      { name: 'quiet', newsPath: null },
      { name: 'resend', newsPath: '/feedback/resend' },
      { name: 'sandbox', newsPath: null },
      { name: 'ses', newsPath: '/feedback/ses' },
    ]);
  });

  it('is counted by what became of it', async () => {
    const metrics = await (await fetch(`${postern.url}/metrics`)).text();
    expect(metrics).toContain('postern_provider_news_total{provider="mailgun",result="repeated"} 1');
    expect(metrics).toMatch(/postern_provider_news_total\{provider="mailgun",result="recorded"\} 4/);
    expect(metrics).toMatch(/postern_provider_news_total\{provider="mailgun",result="refused"\} \d/);
  });

  it('appears in no log, nor does what it is signed with', () => {
    const log = postern.log() + postern.output();
    for (const secret of [MAILGUN_SIGNING_KEY, RESEND_SECRET, 'lost@example.com', 'no such user']) {
      expect(log).not.toContain(secret);
    }
  });
});
