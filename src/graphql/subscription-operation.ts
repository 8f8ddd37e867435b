import {
  type DocumentNode,
  type ExecutionArgs,
  getOperationAST,
  getVariableValues,
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { limitsRule, MAX_TOKENS } from './limits.rule.js';
import { topError } from './postern-error.js';
import type { GraphqlContext } from './request-context.js';

/** What a client sends to start a subscription, whichever door it uses. */
export interface SubscriptionRequest {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Record<string, unknown> | null | undefined;
}

/** Documents are few and come again with every reconnect; an attacker's are many and do not. */
const CACHED_DOCUMENTS = 500;
const LONGEST_CACHED = 8 * 1024;

/** Checks subscriptions by the rules Apollo applies to HTTP: what is set there does not reach the other doors. */
export class SubscriptionChecker {
  private readonly valid = new Map<string, DocumentNode>();
  private readonly rules;

  constructor(
    private readonly schema: () => GraphQLSchema,
    introspection: boolean,
  ) {
    this.rules = [...specifiedRules, limitsRule, ...(introspection ? [] : [NoSchemaIntrospectionCustomRule])];
  }

  /** What to execute, or why not: errors a caller may read once they are masked. */
  check(request: SubscriptionRequest, contextValue: GraphqlContext): ExecutionArgs | readonly GraphQLError[] {
    const document = this.document(request.query);
    if (!('kind' in document)) return document;

    const operation = getOperationAST(document, request.operationName);
    if (!operation) return [topError('BAD_REQUEST', 'operationName does not name one operation of the document.')];
    if (operation.operation !== OperationTypeNode.SUBSCRIPTION) return [topError('SUBSCRIPTIONS_ONLY')];

    const schema = this.schema();
    const variableValues = request.variables ?? {};
    const coerced = getVariableValues(schema, operation.variableDefinitions ?? [], variableValues, { maxErrors: 10 });
    if (coerced.errors) return coerced.errors.map((error) => topError('BAD_REQUEST', error.message.slice(0, 500)));

    return { schema, document, operationName: request.operationName ?? null, variableValues, contextValue };
  }

  private document(text: string): DocumentNode | readonly GraphQLError[] {
    const known = this.valid.get(text);
    if (known !== undefined) return known;

    let document: DocumentNode;
    try {
      document = parse(text, { maxTokens: MAX_TOKENS });
    } catch (error) {
      if (error instanceof GraphQLError) return [error];
      throw error;
    }
    const errors = validate(this.schema(), document, this.rules, { maxErrors: 20 });
    if (errors.length > 0) return errors;

    if (text.length <= LONGEST_CACHED) this.remember(text, document);
    return document;
  }

  private remember(text: string, document: DocumentNode): void {
    const oldest = this.valid.size >= CACHED_DOCUMENTS ? this.valid.keys().next() : undefined;
    if (oldest?.done === false) this.valid.delete(oldest.value);
    this.valid.set(text, document);
  }
}
