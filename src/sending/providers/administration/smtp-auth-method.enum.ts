import type { SmtpAuth } from '../../transports/smtp/smtp-settings.js';
import { defineEnum } from '../../../graphql/define-enum.js';

export const SmtpAuthMethodEnum = defineEnum<Exclude<SmtpAuth['method'], 'ANY'>>(
  'SmtpAuthMethod',
  'How the service proves to a relay who it is.',
  {
    PLAIN: 'User and password.',
    LOGIN: 'User and password, in the older dialogue.',
    XOAUTH2: 'User and an OAuth 2 access token.',
  },
);
