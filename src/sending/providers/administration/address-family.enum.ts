import { defineSpelledEnum } from '../../../graphql/define-enum.js';
import type { ProviderSettings } from '../provider-settings.js';

export const AddressFamilyEnum = defineSpelledEnum<ProviderSettings<'DIRECT'>['addressFamily']>(
  'AddressFamily',
  'Which addresses of a host are used.',
  {
    ANY: ['any', 'All, in the order they are given.'],
    IPV4: ['ipv4', 'IPv4 only.'],
    IPV6: ['ipv6', 'IPv6 only.'],
    PREFER_IPV4: ['prefer-ipv4', 'IPv4 first.'],
    PREFER_IPV6: ['prefer-ipv6', 'IPv6 first.'],
  },
);
