import type { DnsAnswer, MailExchanger } from '../../dns/dns-lookup.js';
import type { DnsRecord } from './dns-record.js';
import type { RecordCheck } from './record-check.js';

type Found = readonly string[];

const FOUND: RecordCheck = { status: 'FOUND' };
const wrong = (problem: string): RecordCheck => ({ status: 'WRONG', problem });
const missing = (problem: string): RecordCheck => ({ status: 'MISSING', problem });

/** Of what others have published only this much is quoted. */
const QUOTED = 60;
/** RSA keys all end with the same six characters, their exponent. */
const TOLD_APART = 16;

export function judgeTxt(record: DnsRecord, answer: DnsAnswer<string>): RecordCheck {
  const found = recordsOf(answer);
  if (found === undefined) return unanswered(answer);
  switch (record.purpose) {
    case 'DKIM':
      return judgeDkim(record, found);
    case 'SPF':
      return judgeSpf(record, found);
    case 'DMARC':
      return judgeDmarc(record, found);
    default:
      return judgeOwnership(record, found);
  }
}

export function judgeMx(record: DnsRecord, answer: DnsAnswer<MailExchanger>): RecordCheck {
  if (answer.kind === 'failed') return unanswered(answer);
  const hosts = answer.kind === 'found' ? answer.records.map(({ host }) => host) : [];
  if (hosts.includes(record.value)) return FOUND;
  if (hosts.length === 0) return missing(`There is no MX record at ${record.name}.`);
  return wrong(`The MX record at ${record.name} names ${quote(hosts.join(', '))} instead of ${record.value}.`);
}

export function judgeCname(record: DnsRecord, answer: DnsAnswer<string>): RecordCheck {
  const found = recordsOf(answer);
  if (found === undefined) return unanswered(answer);
  const targets = found.map((target) => target.toLowerCase().replace(/\.$/, ''));
  if (targets.includes(record.value)) return FOUND;
  if (targets.length === 0) return missing(`There is no CNAME record at ${record.name}.`);
  return wrong(`The CNAME at ${record.name} leads to ${quote(targets.join(', '))} instead of ${record.value}.`);
}

/** The verdict when an alias stands where the record is looked for. */
export function behindAlias(record: DnsRecord, target: string): RecordCheck {
  return wrong(
    `A CNAME to ${quote(target)} is in the way at ${record.name}: remove it, or publish the record at the name it leads to.`,
  );
}

function judgeDkim(record: DnsRecord, found: Found): RecordCheck {
  const keys = found.filter((text) => /^\s*v\s*=\s*DKIM1\b/i.test(text) || tagsOf(text).has('p'));
  const [only] = keys;
  if (only === undefined) return noTxt(record, found);
  if (keys.length > 1) return wrong(`There are ${keys.length} DKIM records at ${record.name}; only one may be there.`);
  const tags = tagsOf(only);
  const expected = tagsOf(record.value);
  const [published = '', key = ''] = [tags.get('p'), expected.get('p')];
  const [kind = 'rsa', wanted = ''] = [tags.get('k'), expected.get('k')];
  if (kind !== wanted) return wrong(`The record says k=${quote(kind)} instead of k=${wanted}.`);
  if (published === key) return FOUND;
  if (published === '') return wrong('The record has no key: its p= is empty, which revokes it.');
  if (key.startsWith(published)) {
    return wrong(`The key is cut off after ${published.length} of ${key.length} characters: publish all its strings.`);
  }
  return wrong(
    `The key published is another one: it ends with ${quote(published.slice(-TOLD_APART))}, ours with ${key.slice(-TOLD_APART)}.`,
  );
}

function judgeSpf(record: DnsRecord, found: Found): RecordCheck {
  const policies = found.filter((text) => /^v=spf1(?: |$)/i.test(text));
  const [only] = policies;
  if (only === undefined) return missing(`There is no SPF record at ${record.name}.`);
  if (policies.length > 1) {
    return wrong(
      `There are ${policies.length} SPF records at ${record.name}, which makes all of them void: merge them.`,
    );
  }
  const published = mechanisms(only);
  const lacking = mechanisms(record.value).filter((term) => !published.includes(term));
  if (lacking.length === 0) return FOUND;
  return wrong(`The SPF record lacks ${lacking.join(' ')}: put it in front of its "all".`);
}

function judgeDmarc(record: DnsRecord, found: Found): RecordCheck {
  const policies = found.filter((text) => /^v\s*=\s*DMARC1\b/i.test(text));
  if (policies.length > 1)
    return wrong(`There are ${policies.length} DMARC records at ${record.name}; only one may be there.`);
  if (policies.length === 1) return FOUND;
  return missing(`There is no DMARC record at ${record.name}; large mailbox providers ask for one.`);
}

function judgeOwnership(record: DnsRecord, found: Found): RecordCheck {
  if (found.some((text) => text.trim() === record.value)) return FOUND;
  const prefix = record.value.slice(0, record.value.indexOf('=') + 1);
  const others = found.filter((text) => text.startsWith(prefix));
  if (others.length === 0) return noTxt(record, found);
  return wrong(`The token published is another one: ${quote(others.join(', '))}.`);
}

function noTxt(record: DnsRecord, found: Found): RecordCheck {
  if (found.length === 0) return missing(`There is no TXT record at ${record.name}.`);
  return wrong(`The TXT record at ${record.name} is something else: ${quote(found.join(', '))}.`);
}

/** What counts: mechanisms that let mail pass, in front of "all". */
function mechanisms(policy: string): string[] {
  const terms = policy.toLowerCase().split(/ +/).slice(1);
  const all = terms.findIndex((term) => /^[+?~-]?all$/.test(term));
  return terms.slice(0, all === -1 ? terms.length : all).map((term) => term.replace(/^\+/, ''));
}

function tagsOf(text: string): Map<string, string> {
  const tags = text.split(';').filter((tag) => tag.includes('='));
  return new Map(
    tags.map((tag) => {
      const at = tag.indexOf('=');
      return [tag.slice(0, at).trim(), tag.slice(at + 1).replace(/\s+/g, '')];
    }),
  );
}

function recordsOf(answer: DnsAnswer<string>): Found | undefined {
  if (answer.kind === 'failed') return undefined;
  return answer.kind === 'found' ? answer.records : [];
}

function unanswered(answer: DnsAnswer<unknown>): RecordCheck {
  const code = answer.kind === 'failed' ? ` (${answer.code})` : '';
  return { status: 'UNKNOWN', problem: `DNS did not answer${code}: try again later.` };
}

function quote(text: string): string {
  return text.length > QUOTED ? `${text.slice(0, QUOTED)}…` : text;
}
