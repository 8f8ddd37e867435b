/** A top-level error as it is answered on every door. */
export interface TopError {
  readonly message: string;
  readonly path?: readonly string[];
  readonly extensions: {
    readonly code: string;
    readonly retryable: boolean;
    readonly requestId?: string;
    readonly docsUrl?: string;
    readonly cursor?: string;
  };
}

export interface Answer<T> {
  readonly status: number;
  readonly data: T | null | undefined;
  readonly errors: readonly TopError[];
}

/** A refusal in the payload of a mutation. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly path: readonly string[] | null;
  readonly retryable: boolean;
}

export interface SentMessage {
  readonly id: string;
  readonly status: string;
  readonly recipients: readonly {
    readonly id: string;
    readonly address: string;
    readonly status: string;
    readonly attemptCount: number;
    readonly smtpCode: number | null;
  }[];
}

export interface SendPayload {
  readonly message: SentMessage | null;
  readonly replayed: boolean;
  readonly cursor: string | null;
  readonly userErrors: readonly Refusal[];
}

export interface ChangePayload {
  readonly message: SentMessage | null;
  readonly cursor: string | null;
  readonly userErrors: readonly Refusal[];
}

export interface CaughtMail {
  readonly subject: string;
  readonly envelopeFrom: string;
  readonly envelopeTo: string;
  readonly raw: string;
}

const FIELDS = '{ id status recipients { id address status attemptCount smtpCode } }';
const MESSAGE = `message ${FIELDS}`;
const ERRORS = 'userErrors { code message path retryable }';
const SEND = `mutation ($input: SendMessageInput!) { sendMessage(input: $input) { ${MESSAGE} replayed cursor ${ERRORS} } }`;

/** The smallest message to somebody, with whatever is to be different. */
export function mailTo(to: string, rest: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    from: { address: 'shop@example.com' },
    to: [{ address: to }],
    subject: 'Your order',
    content: { inline: { text: 'It is on its way.' } },
    ...rest,
  };
}

/** A caller as in any language: JSON over HTTP. */
export class PosternClient {
  constructor(
    /** `http://127.0.0.1:54321`, without a path. */
    readonly url: string,
    readonly key: string,
  ) {}

  /** The same caller at another replica, or another caller here. */
  at(url: string, key = this.key): PosternClient {
    return new PosternClient(url, key);
  }

  post(body: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    const authorization = `Bearer ${this.key}`;
    return fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json', ...headers },
      body,
    });
  }

  async ask<T>(
    query: string,
    variables: Readonly<Record<string, unknown>> = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer<T>> {
    const response = await this.post(JSON.stringify({ query, variables }), headers);
    const { data, errors = [] } = (await response.json()) as { data?: T | null; errors?: TopError[] };
    return { status: response.status, data, errors };
  }

  /** The data of an operation that must not fail. */
  async get<T>(
    query: string,
    variables: Readonly<Record<string, unknown>> = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<T> {
    const { status, data, errors } = await this.ask<T>(query, variables, headers);
    if (errors.length > 0 || data === null || data === undefined) {
      throw new Error(`HTTP ${status}: ${JSON.stringify(errors)}`);
    }
    return data;
  }

  async send(
    input: Readonly<Record<string, unknown>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<SendPayload> {
    return (await this.get<{ sendMessage: SendPayload }>(SEND, { input }, headers)).sendMessage;
  }

  /** Sends what must be accepted. */
  async accepted(
    input: Readonly<Record<string, unknown>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<SendPayload & { readonly message: SentMessage; readonly cursor: string }> {
    const payload = await this.send(input, headers);
    const { message, cursor } = payload;
    if (message === null || cursor === null) throw new Error(JSON.stringify(payload.userErrors));
    return { ...payload, message, cursor };
  }

  /** One of the mutations that change a message, by its name and input. */
  async change(mutation: string, input: Readonly<Record<string, unknown>>): Promise<ChangePayload> {
    const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
    const query = `mutation ($input: ${type}!) { payload: ${mutation}(input: $input) { ${MESSAGE} cursor ${ERRORS} } }`;
    return (await this.get<{ payload: ChangePayload }>(query, { input })).payload;
  }

  async message(id: string): Promise<SentMessage | null> {
    const query = `query ($id: ID) { message(id: $id) ${FIELDS} }`;
    return (await this.get<{ message: SentMessage | null }>(query, { id })).message;
  }

  /** A key of the same tenant. */
  async createKey(
    mode: 'LIVE' | 'TEST',
    scopes: readonly string[] = ['SEND', 'READ'],
  ): Promise<{ readonly id: string; readonly secret: string }> {
    const query = `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { id } secret } }`;
    const input = { name: `a ${mode} key`, mode, scopes };
    const { createApiKey } = await this.get<{ createApiKey: { apiKey: { id: string }; secret: string } }>(query, {
      input,
    });
    return { id: createApiKey.apiKey.id, secret: createApiKey.secret };
  }

  async caught(messageId: string): Promise<readonly CaughtMail[]> {
    const query = 'query ($id: ID) { sandboxMails(messageId: $id) { subject envelopeFrom envelopeTo raw } }';
    return (await this.get<{ sandboxMails: CaughtMail[] }>(query, { id: messageId })).sandboxMails;
  }
}
