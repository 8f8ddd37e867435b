import { X509Certificate } from 'node:crypto';

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** True for one or more certificates in PEM form; what stands between them is nobody's concern. */
export function areCertificates(text: string): boolean {
  const blocks = text.match(BLOCK) ?? [];
  try {
    return blocks.length > 0 && blocks.every((block) => new X509Certificate(block).raw.length > 0);
  } catch {
    return false;
  }
}
