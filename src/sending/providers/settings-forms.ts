import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { z } from 'zod';

// The building blocks of settings. What each one expects is told in words of ours: those of the
// library may quote the value, and the value may be a secret.

export const wholeNumber = (min: number, max: number) => z.number().int().min(min).max(max);

export const line = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((text) => !/\p{Cc}/u.test(text), 'must be one line.');

export const hostName = z.string().regex(/^[A-Za-z0-9._:-]{1,253}$/, 'must be the name or the address of a host.');

export const ipAddress = z.string().refine((text) => isIP(text) !== 0, 'must be an IP address.');

/** Credentials are sent there: in clear only within this machine. */
export const secureUrl = z.string().refine(isSecureUrl, 'must be a URL of the form https://host.');

export const certificates = z
  .string()
  .max(100_000)
  .refine(areCertificates, 'must be one or more certificates in PEM form.');

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

function isSecureUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, search, hash } = new URL(text);
  if (username !== '' || password !== '' || search !== '' || hash !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.has(hostname));
}

function areCertificates(text: string): boolean {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.length > 0 && blocks.every((block) => new X509Certificate(block).raw.length > 0);
  } catch {
    return false;
  }
}
