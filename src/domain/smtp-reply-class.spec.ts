import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { REASON_CLASSES } from './bounce-class.js';
import type { ReasonClass } from './bounce-class.js';
import { BOUNCE_RULES } from './bounce-rules.js';
import { classifyReply, ruleFor } from './smtp-reply-class.js';

/** A reply line as a host writes it: code, enhanced code where there is one, text. */
function reply(line: string): { code: number; enhanced: string | undefined; text: string } {
  const match = /^(\d{3}) (?:(\d\.\d{1,3}\.\d{1,3}) )?(.*)$/.exec(line);
  return { code: Number(match?.[1]), enhanced: match?.[2], text: match?.[3] ?? '' };
}

const FIXTURES: readonly (readonly [rule: string, reason: ReasonClass, permanent: boolean, line: string])[] = [
  [
    'text: authentication',
    'AUTHENTICATION',
    true,
    "550 5.7.26 Unauthenticated email from example.com is not accepted due to domain's DMARC policy",
  ],
  ['text: authentication', 'AUTHENTICATION', true, '550 5.7.1 DMARC authentication failed'],
  ['text: authentication', 'AUTHENTICATION', true, '554 5.7.1 Message rejected: SPF check failed'],
  [
    'text: authentication',
    'AUTHENTICATION',
    true,
    '550 5.7.515 Access denied, sending domain does not meet the required authentication level',
  ],
  [
    'text: authentication',
    'AUTHENTICATION',
    false,
    '450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.1]',
  ],
  ['text: starttls', 'TLS', false, '530 5.7.0 Must issue a STARTTLS command first'],
  ['text: starttls', 'TLS', false, '454 4.7.0 TLS not available due to temporary reason'],
  ['text: starttls', 'TLS', false, '550 5.7.1 TLS required by recipient'],
  ['text: credentials', 'PROVIDER_CONFIGURATION', false, '535 5.7.8 Username and Password not accepted'],
  ['text: credentials', 'PROVIDER_CONFIGURATION', false, '535 5.7.139 Authentication unsuccessful'],
  ['text: credentials', 'PROVIDER_CONFIGURATION', false, '454 4.7.0 Temporary authentication failure'],
  ['code: credentials', 'PROVIDER_CONFIGURATION', false, '535 Incorrect data'],
  ['enhanced: credentials', 'PROVIDER_CONFIGURATION', false, '550 5.7.8 Error'],
  ['enhanced: credentials', 'PROVIDER_CONFIGURATION', false, '432 4.7.12 A password transition is needed'],
  ['text: relaying', 'PROVIDER_CONFIGURATION', false, '554 5.7.1 <ada@example.com>: Relay access denied'],
  [
    'text: relaying',
    'PROVIDER_CONFIGURATION',
    false,
    '550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain',
  ],
  ['text: relaying', 'PROVIDER_CONFIGURATION', false, '550 relaying not permitted'],
  [
    'text: helo',
    'PROVIDER_CONFIGURATION',
    false,
    '504 5.5.2 <box>: Helo command rejected: need fully-qualified hostname',
  ],
  ['text: helo', 'PROVIDER_CONFIGURATION', false, '550 5.7.1 <box>: Helo command rejected: Host not found'],
  [
    'text: sending account',
    'PROVIDER_CONFIGURATION',
    false,
    '454 4.7.1 Sending paused for this account. For more information, please check the inbox',
  ],
  ['text: sending account', 'PROVIDER_CONFIGURATION', false, '550 5.4.6 Your account is over its plan'],
  [
    'text: greylisting',
    'GREYLISTED',
    false,
    '450 4.2.0 <ada@example.com>: Recipient address rejected: Greylisted, see http://postgrey.example/help',
  ],
  ['text: greylisting', 'GREYLISTED', false, '451 4.7.1 Greylisting in action, please come back later'],
  ['text: greylisting', 'GREYLISTED', false, '550 5.7.1 Graylisted: try again in five minutes'],
  [
    'text: sender refused',
    'PROVIDER_CONFIGURATION',
    true,
    '550 5.1.8 <bounce@example.com>: Sender address rejected: Domain not found',
  ],
  [
    'text: sender refused',
    'PROVIDER_CONFIGURATION',
    true,
    '553 5.7.1 <ada@example.com>: Sender address rejected: not owned by user bob',
  ],
  [
    'text: sender refused',
    'PROVIDER_CONFIGURATION',
    true,
    '554 5.7.60 SMTP; Client does not have permissions to send as this sender; SendAsDenied',
  ],
  [
    'text: sender refused',
    'PROVIDER_CONFIGURATION',
    true,
    '554 Message rejected: Email address is not verified. The following identities failed the check',
  ],
  ['text: bad links', 'CONTENT', true, '554 5.7.1 Message contains a URL listed by SURBL'],
  ['text: bad links', 'CONTENT', true, '550 5.7.1 A URL in this message has been blocked; see blocklist policy'],
  [
    'text: block list',
    'REPUTATION',
    true,
    '554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org',
  ],
  [
    'text: block list',
    'REPUTATION',
    true,
    '550 5.7.1 Unfortunately, messages from [192.0.2.1] were not sent, as part of their network is on our block list (S3150)',
  ],
  [
    'text: block list',
    'REPUTATION',
    false,
    '421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to user complaints',
  ],
  [
    'text: block list',
    'REPUTATION',
    true,
    '550 5.7.1 very low reputation of the sending domain; likely unsolicited mail',
  ],
  ['text: block list', 'REPUTATION', true, '550 5.7.606 Access denied, banned sending IP [192.0.2.1]'],
  [
    'text: rate',
    'RATE_LIMITED',
    false,
    '421 4.7.28 Gmail has detected an unusual rate of mail originating from your IP address',
  ],
  [
    'text: rate',
    'RATE_LIMITED',
    false,
    '450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages',
  ],
  ['text: rate', 'RATE_LIMITED', false, '454 Throttling failure: Daily message quota exceeded.'],
  ['text: rate', 'RATE_LIMITED', false, '550 5.4.5 Daily user sending limit exceeded'],
  ['text: rate', 'RATE_LIMITED', false, '451 4.7.652 The mail server has exceeded the maximum: too many connections'],
  ['text: rate', 'RATE_LIMITED', false, '452 4.5.3 Error: too many recipients'],
  ['text: spam', 'CONTENT', true, '554 5.7.1 Message rejected as spam by content filtering'],
  ['text: spam', 'CONTENT', true, '552 5.7.0 This message was found to contain a virus'],
  ['text: size', 'TOO_LARGE', true, '552 5.3.4 Message size exceeds fixed limit'],
  ['text: size', 'TOO_LARGE', true, '554 Message too large'],
  ['text: mailbox full', 'MAILBOX_FULL', false, '452 4.2.2 The email account that you tried to reach is over quota'],
  ['text: mailbox full', 'MAILBOX_FULL', true, '552 5.2.2 Mailbox full'],
  ['text: mailbox full', 'MAILBOX_FULL', true, '550 Recipient has exceeded the quota of the box'],
  [
    'text: no such domain',
    'BAD_DOMAIN',
    true,
    '550 5.4.310 DNS domain gone.example does not exist [Message=InfoDomainNonexistent]',
  ],
  ['text: no such domain', 'BAD_DOMAIN', true, '556 5.1.10 Recipient address has null MX'],
  [
    'text: no such domain',
    'BAD_DOMAIN',
    true,
    '550 5.4.4 Host or domain name not found. Name service error for name=gone.example',
  ],
  ['text: no such domain', 'BAD_DOMAIN', true, '550 Unrouteable address'],
  ['text: no such mailbox', 'BAD_MAILBOX', true, '550 5.1.1 The email account that you tried to reach does not exist'],
  [
    'text: no such mailbox',
    'BAD_MAILBOX',
    true,
    '550 5.1.1 <nobody@example.com>: Recipient address rejected: User unknown in virtual mailbox table',
  ],
  [
    'text: no such mailbox',
    'BAD_MAILBOX',
    true,
    '550 5.4.1 Recipient address rejected: Access denied. [Message=edge blocking]',
  ],
  [
    'text: no such mailbox',
    'BAD_MAILBOX',
    true,
    "554 delivery error: This user doesn't have an account; no mailbox here by that name",
  ],
  ['text: no such mailbox', 'BAD_MAILBOX', true, '550 5.2.1 The account that you tried to reach is inactive'],
  [
    'text: no such mailbox',
    'BAD_MAILBOX',
    false,
    '450 4.1.1 <new@example.com>: Recipient address rejected: unverified; mailbox not found yet',
  ],
  ['enhanced: mailbox', 'BAD_MAILBOX', true, '550 5.1.1 Nope'],
  ['enhanced: mailbox', 'BAD_MAILBOX', true, '551 5.1.6 Gone elsewhere'],
  ['enhanced: mailbox', 'BAD_MAILBOX', false, '450 4.2.1 Closed for now'],
  ['enhanced: domain', 'BAD_DOMAIN', true, '550 5.1.2 Nope'],
  ['enhanced: sender', 'PROVIDER_CONFIGURATION', true, '550 5.1.8 Nope'],
  ['enhanced: mailbox full', 'MAILBOX_FULL', true, '550 5.2.2 Nope'],
  ['enhanced: size', 'TOO_LARGE', true, '552 5.3.4 Nope'],
  ['enhanced: size', 'TOO_LARGE', true, '550 5.2.3 Nope'],
  ['enhanced: congestion', 'RATE_LIMITED', false, '451 4.4.5 Later'],
  ['enhanced: congestion', 'RATE_LIMITED', false, '550 5.7.28 Later'],
  ['enhanced: authentication', 'AUTHENTICATION', true, '550 5.7.25 Nope'],
  ['enhanced: banned network', 'REPUTATION', true, '550 5.7.511 Nope'],
  ['enhanced: banned network', 'REPUTATION', true, '550 5.7.649 Nope'],
  ['enhanced: encryption', 'TLS', true, '550 5.7.30 Nope'],
  ['enhanced: no UTF-8 address', 'POLICY', true, '553 5.6.7 Nope'],
  ['enhanced: content', 'CONTENT', true, '554 5.6.0 Nope'],
  ['enhanced: policy', 'POLICY', true, '550 5.7.1 Nope'],
  ['enhanced: policy', 'POLICY', false, '450 4.7.1 Later'],
  ['enhanced: unroutable', 'BAD_DOMAIN', true, '550 5.4.4 Nope'],
  ['enhanced: network', 'NETWORK', false, '451 4.4.4 Later'],
  ['enhanced: network', 'NETWORK', false, '451 4.4.1 No answer'],
  ['enhanced: network', 'NETWORK', false, '421 4.3.2 Stopping'],
  ['code: domain', 'BAD_DOMAIN', true, '521 This machine is for the web only'],
  ['code: mailbox', 'BAD_MAILBOX', true, '551 Try elsewhere'],
  ['code: storage', 'MAILBOX_FULL', true, '552 Requested action aborted'],
  ['code: closing', 'NETWORK', false, '421 Service closing'],
  ['text: policy', 'POLICY', true, '554 Refused by local policy'],
];

describe('a reply is classified', () => {
  it.each(FIXTURES)('by %s as %s, permanent %s: %s', (rule, reason, permanent, line) => {
    expect(ruleFor(reply(line))?.id).toBe(rule);
    expect(classifyReply(reply(line))).toEqual({ reason, permanent });
  });

  it('by rules of which each one has a reply here', () => {
    expect(new Set(FIXTURES.map(([rule]) => rule))).toEqual(new Set(BOUNCE_RULES.map((rule) => rule.id)));
    expect(new Set(BOUNCE_RULES.map((rule) => rule.id)).size).toBe(BOUNCE_RULES.length);
  });

  it.each([
    ['550 Requested action not taken', true],
    ['554 Transaction failed', true],
    ['451 Requested action aborted: local error in processing', false],
    ['451 4.3.0 Error: queue file write error', false],
  ])('as OTHER where it tells no reason: %s', (line, permanent) => {
    expect(classifyReply(reply(line))).toEqual({ reason: 'OTHER', permanent });
  });

  it('in every class that has a name', () => {
    const named = FIXTURES.map(([, reason]) => reason);
    expect(new Set([...named, 'OTHER'])).toEqual(new Set(Object.keys(REASON_CLASSES)));
  });
});

describe('whatever a host writes', () => {
  const anyReply = fc.record({
    code: fc.integer({ min: 400, max: 599 }),
    enhanced: fc.option(fc.constantFrom('5.1.1', '4.2.2', '5.7.1', '4.7.0', '5.9.9'), { nil: undefined }),
    text: fc.oneof(fc.string(), fc.constantFrom(...FIXTURES.map(([, , , line]) => line))),
  });

  it('a 4xx is never permanent', () => {
    fc.assert(
      fc.property(anyReply, (given) => {
        if (given.code < 500) expect(classifyReply(given).permanent).toBe(false);
      }),
    );
  });

  it('the words of an address do not count', () => {
    const words = fc.constantFrom('spam', 'greylisted', 'dmarc', 'relay-denied', 'blacklist', 'full', 'starttls');
    fc.assert(
      fc.property(words, words, (local, domain) => {
        const text = `<${local}@${domain}.example>: no`;
        expect(classifyReply({ code: 550, enhanced: '5.1.1', text }).reason).toBe('BAD_MAILBOX');
      }),
    );
  });

  it('the rules take no more than a blink, even over text that was made to hold them up', () => {
    const texts = ['@'.repeat(100_000), 'a@'.repeat(50_000), 'account '.repeat(20_000), 'domain host '.repeat(10_000)];
    const start = performance.now();
    for (const text of texts) classifyReply({ code: 550, enhanced: undefined, text });
    expect(performance.now() - start).toBeLessThan(500);
  });
});
