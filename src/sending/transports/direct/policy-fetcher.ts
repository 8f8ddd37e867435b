import type { IncomingMessage } from 'node:http';
import { request, type RequestOptions } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { ConnectionOptions, SecureContext } from 'node:tls';
import type { Target } from '../../../domain/target-order.js';
import { type MtaStsPolicy, parsePolicy } from '../../../domain/mta-sts-policy.js';
import type { HostAddresses } from './host-addresses.js';

/** RFC 8461 section 3.3 proposes both; a minute would be longer than a hand-over may wait. */
const MAX_BYTES = 64 * 1024;
const TIMEOUT_MS = 10_000;

/**
 * Fetches the policy of a domain from `https://mta-sts.<domain>` (RFC 8461 section 3.3). The
 * certificate is checked, redirects are not followed, and the host is held to the same rules about
 * private addresses as an MX: it is a name that strangers choose.
 */
export class PolicyFetcher {
  constructor(
    private readonly addresses: Pick<HostAddresses, 'of'>,
    private readonly secureContext: SecureContext,
    private readonly port: number,
  ) {}

  /** Undefined when there is none to be had now, whatever the reason. */
  async fetch(domain: string): Promise<MtaStsPolicy | undefined> {
    const host = `mta-sts.${domain}`;
    const found = await this.addresses.of(host);
    if (found.kind !== 'found') return undefined;
    try {
      const response = await this.#get(host, found.targets);
      return isText(response) ? parsePolicy(await readAll(response)) : undefined;
    } catch {
      return undefined;
    }
  }

  #get(host: string, targets: readonly Target[]): Promise<IncomingMessage> {
    const options: RequestOptions & Pick<ConnectionOptions, 'secureContext'> = {
      host,
      servername: host,
      port: this.port,
      path: '/.well-known/mta-sts.txt',
      lookup: lookupIn(targets),
      agent: false,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      secureContext: this.secureContext,
    };
    return new Promise((resolve, reject) => {
      const asked = request(options);
      asked.once('response', resolve);
      asked.on('error', reject);
      asked.end();
    });
  }
}

/** The addresses that were looked at, for whoever is about to connect. */
function lookupIn(targets: readonly Target[]): LookupFunction {
  return (_host, options, callback) => {
    const [first] = targets;
    if (options.all === true || first === undefined)
      callback(
        null,
        targets.map((target) => ({ ...target })),
      );
    else callback(null, first.address, first.family);
  };
}

function isText(response: IncomingMessage): boolean {
  const fits = response.statusCode === 200 && /^text\/plain\s*(?:;|$)/i.test(response.headers['content-type'] ?? '');
  if (!fits) response.destroy();
  return fits;
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BYTES) throw new Error('the policy is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
