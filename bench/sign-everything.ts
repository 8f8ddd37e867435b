import pg from 'pg';
import { ask } from './graphql-client.ts';

const CREATE = `mutation ($input: CreateDomainInput!) {
  createDomain(input: $input) { domain { id } userErrors { code message } }
}`;

interface Created {
  readonly createDomain: { readonly domain: { readonly id: string } | null; readonly userErrors: readonly object[] };
}

/**
 * Makes the domain of the workloads and its RSA-2048 key over the API, and takes it for verified: a
 * benchmark has no DNS. To be called before the workers start, so that all of them sign from the first
 * message on.
 */
export async function signEverythingFrom(name: string, graphql: string, key: string, database: string): Promise<void> {
  const { createDomain } = await ask<Created>(graphql, key, CREATE, { input: { name } });
  if (createDomain.domain === null) throw new Error(JSON.stringify(createDomain.userErrors));
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  try {
    await client.query(`update sender_domain set status = 'VERIFIED', verified_at = now() where name = $1`, [name]);
    const { rowCount } = await client.query(`update dkim_key set state = 'ACTIVE', activated_at = now()`);
    if (rowCount !== 1) throw new Error(`${rowCount} keys instead of one`);
  } finally {
    await client.end();
  }
}
