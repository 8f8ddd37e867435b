import type { QueryResult, QueryResultRow } from 'pg';

/** A statement that the server plans once per connection; for the hot ones. */
interface PreparedStatement {
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
}

/**
 * An open transaction. Every write takes one as its first argument, so that leaving the transaction
 * does not compile.
 */
export interface Transaction {
  query<R extends QueryResultRow>(statement: string | PreparedStatement, values?: unknown[]): Promise<QueryResult<R>>;
}
