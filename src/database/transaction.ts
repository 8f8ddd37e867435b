import type { QueryResult, QueryResultRow } from 'pg';

/**
 * An open transaction. Every write takes one as its first argument, so that leaving the transaction
 * does not compile.
 */
export interface Transaction {
  query<R extends QueryResultRow>(text: string, values?: unknown[]): Promise<QueryResult<R>>;
}
