import { describe, expect, it } from '@jest/globals';
import { pushbackOf, reactionTo, siteRuleFor } from './site-reaction.js';
import { SITE_RULES } from './site-rules.js';
import type { Reply } from './smtp-reply-class.js';

function reply(text: string): Reply {
  const [, code, enhanced, words] = /^(\d{3})(?: ([245]\.\d+\.\d+))? ?(.*)$/.exec(text) ?? [];
  return { code: Number(code), enhanced, text: words ?? '' };
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const HOSTS = {
  google: ['gmail-smtp-in.l.google.com', 'alt1.gmail-smtp-in.l.google.com'],
  outlook: ['outlook-com.olc.protection.outlook.com'],
  office365: ['contoso-com.mail.protection.outlook.com'],
  yahoo: ['mta5.am0.yahoodns.net', 'mta6.am0.yahoodns.net'],
  apple: ['mx01.mail.icloud.com', 'mx02.mail.icloud.com'],
  gmx: ['mx00.gmx.net', 'mx01.gmx.net'],
  other: ['mx.example.test'],
} as const;

describe('siteRuleFor', () => {
  it.each([
    [HOSTS.google, 'google', 5, 50],
    [['aspmx.l.google.com', 'alt3.aspmx.l.google.com', 'aspmx2.googlemail.com'], 'google', 5, 50],
    [['smtp.google.com'], 'google', 5, 50],
    [HOSTS.office365, 'office365', 5, 50],
    [['fabrikam-com.mail.protection.outlook.com'], 'office365', 5, 50],
    [HOSTS.outlook, 'outlook', 5, 50],
    [['contoso-com.a-v1.mx.microsoft'], 'office365-dane', 5, 50],
    [HOSTS.apple, 'apple', 10, 5],
    [HOSTS.gmx, '(mx00|mx01).gmx.net', 4, 20],
    [
      ['eu-smtp-inbound-1.mimecast.com', 'eu-smtp-inbound-2.mimecast.com'],
      '(eu-smtp-inbound-1|eu-smtp-inbound-2).mimecast.com',
      10,
      100,
    ],
    [HOSTS.other, 'mx.example.test', 10, 100],
  ] as const)('of %j is %s', (hosts, name, maxConnections, messagesPerConnection) => {
    expect(siteRuleFor(hosts)).toMatchObject({ name, maxConnections, messagesPerConnection });
  });

  it('is not a provider’s when only some hosts are', () => {
    const hosts = ['aspmx.l.google.com', 'backup.example.test'];
    expect(siteRuleFor(hosts)).toMatchObject({ maxConnections: 10, messagesPerConnection: 100 });
    expect(siteRuleFor(hosts)).not.toHaveProperty('tls');
  });

  it('is not had by a name that only looks like one', () => {
    expect(siteRuleFor(['mx.notgoogle.com']).name).toBe('mx.notgoogle.com');
    expect(siteRuleFor(['google.com.example.test']).maxConnections).toBe(10);
  });
});

describe('pushbackOf', () => {
  it.each([
    [
      'google',
      '421 4.7.28 Our system has detected an unusual rate of unsolicited mail',
      { perSecond: 10 / 60, forMs: 30 * MINUTE },
    ],
    [
      'google',
      '421 4.7.0 [198.51.100.1 15] Our system has detected that this message is suspicious',
      { retryAfterMs: HOUR },
    ],
    [
      'outlook',
      '451 4.7.652 The mail server [198.51.100.1] has exceeded the maximum number of connections. (S3115)',
      { maxConnections: 1, forMs: HOUR },
    ],
    [
      'office365',
      '451 4.7.500 Server busy. Please try again later from [198.51.100.1].',
      { retryAfterMs: 30 * MINUTE },
    ],
    [
      'yahoo',
      '421 4.7.0 [TSS04] Messages from 198.51.100.1 temporarily deferred due to user complaints',
      { retryAfterMs: 2 * HOUR },
    ],
    ['yahoo', '421 4.7.0 [TSS05] Messages from 198.51.100.1 temporarily deferred', { retryAfterMs: 4 * HOUR }],
    ['yahoo', '421 4.7.1 [TS02] unusual traffic', { perSecond: 1 / 60, forMs: 30 * MINUTE }],
    ['yahoo', '553 5.7.1 [BL21] Connections will not be accepted', { retryAfterMs: 2 * HOUR }],
    ['apple', '421 [HCM1] Your mail from 198.51.100.1 was deferred', { retryAfterMs: 15 * MINUTE }],
    ['gmx', '421 Too many connections', { maxConnections: 1, forMs: 30 * MINUTE }],
    ['gmx', '554 Transaction failed. Reject due to policy restrictions.', { retryAfterMs: 2 * HOUR }],
    [
      'other',
      '421 4.7.0 Messages from 198.51.100.1 temporarily deferred',
      { perSecond: 1 / 60, maxConnections: 1, forMs: 90 * MINUTE },
    ],
  ] as const)('of %s: %s', (site, text, expected) => {
    expect(pushbackOf(siteRuleFor(HOSTS[site]), reply(text), 5)).toEqual({ scope: 'SITE', ...expected });
  });

  it.each([
    ['google', '450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents …'],
    ['google', '452 4.2.2 The email account that you tried to reach is over quota'],
    ['google', '550 5.1.1 The email account that you tried to reach does not exist'],
    ['other', '450 4.7.1 Greylisted'],
  ] as const)('of %s is none: %s', (site, text) => {
    expect(pushbackOf(siteRuleFor(HOSTS[site]), reply(text), 5)).toBeUndefined();
  });

  it('only slows the site until the reply has come often enough', () => {
    const yahoo = siteRuleFor(HOSTS.yahoo);
    const tss04 = reply('421 4.7.0 [TSS04] Messages from 198.51.100.1 temporarily deferred');
    expect(pushbackOf(yahoo, tss04, 1)).toEqual({ scope: 'SITE' });
    expect(pushbackOf(yahoo, tss04, 2)).toEqual({ scope: 'SITE', retryAfterMs: 2 * HOUR });
  });
});

describe('the table', () => {
  it('has reactions that do something, each reachable', () => {
    for (const rule of SITE_RULES) {
      for (const { scope, ...reaction } of rule.reactions) {
        const { suspendMs, perSecond, maxConnections, forMs } = reaction;
        expect(scope === 'RECIPIENT' || suspendMs !== undefined || forMs !== undefined).toBe(true);
        expect(forMs === undefined).toBe(perSecond === undefined && maxConnections === undefined);
      }
    }
  });

  it('finds the reaction in code, enhanced code and text', () => {
    const google = siteRuleFor(HOSTS.google);
    expect(reactionTo(google, reply('452 4.2.2 full'))?.scope).toBe('RECIPIENT');
    expect(reactionTo(google, reply('250 2.0.0 OK'))).toBeUndefined();
  });
});
