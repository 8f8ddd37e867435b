import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const read = (name: string): string => readFileSync(join(process.cwd(), 'test/fixtures/tls', name), 'utf8');

/** The authority that signed both certificates below. */
export const TEST_CA = read('ca.pem');

/** For localhost and 127.0.0.1. */
export const RELAY_TLS = { key: read('relay.key'), cert: read('relay.pem') };

/** Trusted, but in the name of another host. */
export const OTHER_TLS = { key: read('other.key'), cert: read('other.pem') };

/** Another authority, and what it signed for the names of a domain with an MTA-STS policy: mx.sts.test and mta-sts.sts.test. */
export const STS_CA = read('sts-ca.pem');
export const STS_TLS = { key: read('sts.key'), cert: read('sts.pem') };
