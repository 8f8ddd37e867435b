import { ipBytes } from './ip-address.js';

const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i;
const MAX_NAME = 253;

/** What can be dialled: a name or an address. */
export function isHost(text: string): boolean {
  return /^[A-Za-z0-9._:-]{1,253}$/.test(text);
}

/** The full name of something in DNS, where an underscore is as good as a letter (RFC 2181 section 11). */
export function isDnsName(text: string): boolean {
  return text.includes('.') && areLabels(text) && !/\.\d[^.]*$/.test(text);
}

/**
 * What may be given in EHLO (RFC 5321 section 4.1.3): a name or an address in brackets. A name need not
 * have a dot: that of the machine, which is the default, often has none.
 */
export function isGreetingName(text: string): boolean {
  const [, sixth, address] = /^\[(IPv6:)?([^\]]*)\]$/i.exec(text) ?? [];
  if (address === undefined) return areLabels(text) && ipBytes(text).length === 0;
  return ipBytes(address).length === (sixth === undefined ? 4 : 16);
}

function areLabels(text: string): boolean {
  return text.length <= MAX_NAME && text.split('.').every((label) => LABEL.test(label));
}
