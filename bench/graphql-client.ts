import { Agent, request } from 'node:http';

const agent = new Agent({ keepAlive: true, maxSockets: 256 });

/** One GraphQL request; rejects on a lost connection, a status other than 200 and top-level errors. */
export function ask<T>(url: string, key: string, query: string, variables: unknown): Promise<T> {
  const body = JSON.stringify({ query, variables });
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    const call = request(url, { method: 'POST', agent, headers, timeout: 30_000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        try {
          const answer = JSON.parse(text) as { data?: T; errors?: { message: string }[] };
          if (response.statusCode !== 200 || answer.errors !== undefined || answer.data === undefined) {
            reject(new Error(`HTTP ${response.statusCode}: ${text.slice(0, 300)}`));
          } else resolve(answer.data);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    });
    call.on('error', reject);
    call.on('timeout', () => call.destroy(new Error('timeout')));
    call.end(body);
  });
}

const CREATE_KEY = `mutation ($input: CreateApiKeyInput!) {
  createApiKey(input: $input) { secret userErrors { message } }
}`;

/** A live key, made with an administrator's. */
export async function createLiveKey(url: string, adminKey: string): Promise<string> {
  const input = { name: 'measurement', mode: 'LIVE', scopes: ['SEND', 'READ'] };
  const { createApiKey } = await ask<{ createApiKey: { secret: string | null; userErrors: { message: string }[] } }>(
    url,
    adminKey,
    CREATE_KEY,
    { input },
  );
  if (createApiKey.secret === null) throw new Error(createApiKey.userErrors[0]?.message ?? 'no key');
  return createApiKey.secret;
}
