import { isIP } from 'node:net';
import { z } from 'zod';
import { isGreetingName, isHost } from '../../domain/host-name.js';
import { areCertificates } from '../../domain/pem-certificates.js';

// The building blocks of settings. What each one expects is told in words of ours: those of the
// library may quote the value, and the value may be a secret.

export const wholeNumber = (min: number, max: number) => z.number().int().min(min).max(max);

export const line = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((text) => !/\p{Cc}/u.test(text), 'must be one line.');

export const hostName = z.string().refine(isHost, 'must be the name or the address of a host.');

export const greetingName = z
  .string()
  .refine(isGreetingName, 'must be a name such as mail.example.com, or an address such as [192.0.2.1].');

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
