import { describe, expect, it } from '@jest/globals';
import { isFitForWire, transactionCommands } from './envelope-commands.js';
import type { Envelope } from '../transport.js';

const ENVELOPE: Envelope = {
  from: 'a@from.test',
  to: 'b@to.test',
  smtpUtf8: false,
  envid: 't.m.0.1',
  lane: 'TRANSACTIONAL',
  recipientKey: 't_m_0',
};
const ALL = new Map([
  ['PIPELINING', ''],
  ['8BITMIME', ''],
  ['SIZE', '1000'],
  ['DSN', ''],
  ['SMTPUTF8', ''],
]);

describe('transactionCommands', () => {
  it('writes MAIL, RCPT and DATA together where PIPELINING is offered', () => {
    expect(transactionCommands(ENVELOPE, 23, ALL)).toMatchObject({
      ENVELOPE: 'MAIL FROM:<a@from.test> SIZE=23 ENVID=t.m.0.1\r\nRCPT TO:<b@to.test>\r\nDATA\r\n',
    });
  });

  it('writes one after the other, and no parameter, where nothing is offered', () => {
    expect(transactionCommands({ ...ENVELOPE, from: '' }, 23, new Map())).toMatchObject({
      ENVELOPE: 'MAIL FROM:<>\r\n',
      RCPT: 'RCPT TO:<b@to.test>\r\n',
      DATA: 'DATA\r\n',
    });
  });

  it.each([
    ['an address that is not ASCII', { to: 'jürgen@to.test' }],
    ['a header that is not ASCII', { smtpUtf8: true }],
  ])('asks for SMTPUTF8 and 8BITMIME for %s', (_, changes) => {
    const { ENVELOPE: written } = transactionCommands({ ...ENVELOPE, ...changes }, 0, ALL);
    expect(written).toContain('MAIL FROM:<a@from.test> BODY=8BITMIME ENVID=t.m.0.1 SMTPUTF8\r\n');
  });

  it.each([
    ['a+b=c d\r\né', ' ENVID=a+2Bb+3Dc+20d+0D+0A+C3+A9\r\n'],
    ['x'.repeat(101), '<a@from.test>\r\n'],
    ['', '<a@from.test>\r\n'],
  ])('encodes the ENVID %j, or leaves it out', (envid, end) => {
    const extensions = new Map([['DSN', '']]);
    expect(transactionCommands({ ...ENVELOPE, envid }, 0, extensions).ENVELOPE.endsWith(end)).toBe(true);
  });

  it.each([
    'a b@to.test',
    'a@to.test>',
    '<a@to.test',
    'a@to.test\r\nDATA',
    'a\u0085@to.test',
    'a\u2028@to.test',
    '\ud800@to.test',
  ])('never writes %j', (address) => {
    for (const envelope of [
      { ...ENVELOPE, to: address },
      { ...ENVELOPE, from: address },
    ]) {
      expect(isFitForWire(envelope)).toBe(false);
      expect(() => transactionCommands(envelope, 0, ALL)).toThrow('not fit for the wire');
    }
  });

  it.each(['', `${'x'.repeat(312)}@to.test.`, `${'ü'.repeat(160)}@to.test`])('has no recipient %j', (to) => {
    expect(isFitForWire({ ...ENVELOPE, to })).toBe(false);
  });
});
