import { describe, expect, it } from '@jest/globals';
import { isDnsName, isGreetingName, isHost } from './host-name.js';

const LONG = `${'a.'.repeat(126)}ab`;

describe('isHost', () => {
  it.each(['mail', 'mail.example.com', 'my_mail.test', '192.0.2.1', '2001:db8::1'])('takes %s', (text) => {
    expect(isHost(text)).toBe(true);
  });

  it.each(['', 'a b', 'a\n', 'bücher.test', 'a/b', '[::1]', 'a%20b', 'a'.repeat(254)])('refuses %j', (text) => {
    expect(isHost(text)).toBe(false);
  });
});

describe('isDnsName', () => {
  it.each(['mail.example.com', '_spf.example.com', 'a-b.c_d.test', 'Mail.Test', '1.test'])('takes %s', (text) => {
    expect(isDnsName(text)).toBe(true);
  });

  it.each([
    '',
    'mail',
    '.test',
    'a..test',
    '-a.test',
    'a-.test',
    'a b.test',
    '192.0.2.1',
    `${'a'.repeat(64)}.test`,
    LONG,
  ])('refuses %j', (text) => {
    expect(isDnsName(text)).toBe(false);
  });
});

describe('isGreetingName', () => {
  it.each(['mail.example.com', 'mailhost', 'my_host', '[192.0.2.1]', '[IPv6:2001:db8::1]'])('takes %s', (text) => {
    expect(isGreetingName(text)).toBe(true);
  });

  it.each([
    '',
    'bad name',
    'a\r\nMAIL',
    '192.0.2.1',
    '[]',
    '[name]',
    '[2001:db8::1]',
    '[IPv6:192.0.2.1]',
    'é.test',
    LONG,
  ])('refuses %j', (text) => {
    expect(isGreetingName(text)).toBe(false);
  });
});
