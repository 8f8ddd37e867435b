import { parseDomain } from '../domain/email-address.js';
import { isDnsName } from '../domain/host-name.js';
import { ipBytes } from '../domain/ip-address.js';

/** `192.0.2.53`, `192.0.2.53:5353`, `[2001:db8::53]` or `[2001:db8::53]:5353`. */
export function isNameServer(text: string): boolean {
  const [, sixth, fourth, port = '53'] = /^(?:\[([^\]]+)\]|([\d.]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const isAddress = sixth === undefined ? ipBytes(fourth ?? '').length === 4 : ipBytes(sixth).length === 16;
  return isAddress && Number(port) >= 1 && Number(port) <= 65_535;
}

/** `mx:` and the name of a host, or `cname:` and a name in DNS. */
export function isReturnPathHost(text: string): boolean {
  const [, kind, name = ''] = /^(mx|cname):(.*)$/i.exec(text) ?? [];
  if (kind?.toLowerCase() === 'cname') return isDnsName(name);
  return parseDomain(name) === name.toLowerCase();
}

/** One mechanism of RFC 7208 section 5 that names hosts for good: whatever needs a macro or a lookup of its own is none. */
export function isSpfMechanism(text: string): boolean {
  const [, kind, name = ''] = /^(include|a|ip4|ip6):(.*)$/i.exec(text) ?? [];
  switch (kind?.toLowerCase()) {
    case 'include':
    case 'a':
      return isDnsName(name);
    case 'ip4':
      return isNetwork(name, 4);
    case 'ip6':
      return isNetwork(name, 16);
    default:
      return false;
  }
}

function isNetwork(text: string, bytes: 4 | 16): boolean {
  const [, address = '', bits = '0'] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  return ipBytes(address).length === bytes && Number(bits) <= 8 * bytes;
}
