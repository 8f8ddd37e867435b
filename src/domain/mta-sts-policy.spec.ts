import { describe, expect, it } from '@jest/globals';
import { isNamedBy, parsePolicy, readPolicyId } from './mta-sts-policy.js';

describe('readPolicyId', () => {
  it.each([
    [['v=STSv1; id=20260101T000000;'], '20260101T000000'],
    [['v=STSv1;id=1'], '1'],
    [['v=STSv1 ; x=y; id=abc'], 'abc'],
    [['v=spf1 -all', 'v=STSv1; id=abc;'], 'abc'],
    [['v=STSv1; id=first; id=second'], 'first'],
    [[], undefined],
    [['v=STSv1; id=a;', 'v=STSv1; id=b;'], undefined],
    [['v=STSv2; id=a;'], undefined],
    [['v=STSv1; id=;'], undefined],
    [['v=STSv1; id=not-alphanumeric;'], undefined],
    [[`v=STSv1; id=${'x'.repeat(33)}`], undefined],
    [['id=a; v=STSv1;'], undefined],
  ])('of %j is %j', (records, id) => {
    expect(readPolicyId(records)).toBe(id);
  });
});

describe('parsePolicy', () => {
  const GOOD = 'version: STSv1\r\nmode: enforce\r\nmx: mx.example.test\r\nmx: *.example.net\r\nmax_age: 604800\r\n';

  it('reads a policy, with CRLF or LF', () => {
    const policy = { mode: 'enforce', mx: ['mx.example.test', '*.example.net'], maxAgeSeconds: 604_800 };
    expect(parsePolicy(GOOD)).toEqual(policy);
    expect(parsePolicy(GOOD.replaceAll('\r', ''))).toEqual(policy);
  });

  it.each([
    ['mode: none without hosts', 'version: STSv1\nmode: none\nmax_age: 1\n', { mode: 'none', mx: [] }],
    ['keys it does not know', `${GOOD}future-key: x\n`, { mode: 'enforce' }],
    ['the first of a repeated key', `${GOOD}mode: none\n`, { mode: 'enforce' }],
    ['a max_age beyond a year as a year', GOOD.replace('604800', '9999999999'), { maxAgeSeconds: 31_557_600 }],
    ['host names in lower case', GOOD.replace('mx.example.test', 'MX.Example.test'), { mode: 'enforce' }],
  ])('takes %s', (_, text, expected) => {
    expect(parsePolicy(text)).toMatchObject(expected);
  });

  it.each([
    ['another version', GOOD.replace('STSv1', 'STSv2')],
    ['no version', GOOD.replace('version: STSv1\r\n', '')],
    ['an unknown mode', GOOD.replace('enforce', 'strict')],
    ['enforce without hosts', GOOD.replaceAll(/mx: .*\r\n/g, '')],
    ['no max_age', GOOD.replace(/max_age.*/, '')],
    ['a max_age that is no number', GOOD.replace('604800', '-1')],
    ['a wildcard in the middle', GOOD.replace('*.example.net', 'mx.*.net')],
    ['a bare star', GOOD.replace('*.example.net', '*')],
    ['an HTML page', '<html><body>mode: enforce</body></html>'],
    ['nothing', ''],
  ])('does not take %s', (_, text) => {
    expect(parsePolicy(text)).toBeUndefined();
  });
});

describe('isNamedBy', () => {
  const policy = { mode: 'enforce', mx: ['mx.example.test', '*.example.net'], maxAgeSeconds: 1 } as const;

  it.each([
    ['mx.example.test', true],
    ['MX.EXAMPLE.TEST', true],
    ['mx2.example.test', false],
    ['a.example.net', true],
    ['a.b.example.net', false],
    ['example.net', false],
    ['aexample.net', false],
    ['evil.test', false],
    ['net', false],
  ])('%s: %j', (host, named) => {
    expect(isNamedBy(policy, host)).toBe(named);
  });
});
