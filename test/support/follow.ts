import WebSocket from 'ws';
import type { PosternClient, TopError } from './postern-client.js';
import { waitFor } from './wait-for.js';

export interface FollowedEvent {
  readonly id: string;
  readonly type: string;
  readonly messageId: string;
  readonly address: string | null;
  readonly status: string | null;
  readonly attempt: number | null;
  readonly reason: string | null;
  readonly code: number | null;
  readonly enhancedCode: string | null;
  readonly text: string | null;
}

type Item =
  | { readonly __typename: 'EventEdge'; readonly cursor: string; readonly node: FollowedEvent }
  | { readonly __typename: 'StreamCaughtUp'; readonly cursor: string }
  | { readonly __typename: 'StreamGap'; readonly resumeAfter: string };

interface Result {
  readonly data?: { readonly item: Item } | null;
  readonly errors?: readonly TopError[];
}

/** What is followed: a tenant's events, or with `id` one message. */
export interface Followed {
  readonly after?: string | undefined;
  readonly filter?: Readonly<Record<string, unknown>>;
  readonly id?: string;
  /** Fields of the event on top of the usual ones. */
  readonly more?: string;
}

const PROTOCOL = 'graphql-transport-ws';

/** One subscription from a client's side, over either door: what it was told, and how it ended. */
export abstract class Follower {
  readonly items: Item[] = [];
  readonly events: FollowedEvent[] = [];
  readonly errors: TopError[] = [];
  /** The service said that nothing more comes. */
  complete = false;
  /** The connection is gone. */
  closed = false;
  /** Close code of the WebSocket. */
  closeCode: number | undefined;

  /** Where a client would go on: the last cursor it was given, in an item or in an error. */
  get cursor(): string | undefined {
    const told = this.errors.at(-1)?.extensions.cursor;
    const last = this.items.at(-1);
    if (told !== undefined || last === undefined) return told;
    return last.__typename === 'StreamGap' ? last.resumeAfter : last.cursor;
  }

  /** The place of the n-th event, from 0. */
  cursorOf(n: number): string {
    const edge = this.items.filter((item) => item.__typename === 'EventEdge')[n];
    if (edge === undefined) throw new Error(`there is no event ${n}`);
    return edge.cursor;
  }

  get types(): string[] {
    return this.events.map(({ type }) => type);
  }

  get ids(): string[] {
    return this.events.map(({ id }) => id);
  }

  async caughtUp(): Promise<this> {
    await waitFor(() => this.items.some((item) => item.__typename === 'StreamCaughtUp'));
    return this;
  }

  async count(events: number, timeoutMs = 20_000): Promise<this> {
    await waitFor(() => this.events.length >= events || this.explain(events), { timeoutMs });
    return this;
  }

  async ended(timeoutMs = 20_000): Promise<this> {
    await waitFor(() => this.complete || this.closed || this.errors.length > 0, { timeoutMs });
    return this;
  }

  abstract stop(): Promise<void>;

  protected take({ data, errors = [] }: Result): void {
    this.errors.push(...errors);
    if (data === undefined || data === null) return;
    this.items.push(data.item);
    if (data.item.__typename === 'EventEdge') this.events.push(data.item.node);
  }

  private explain(wanted: number): false {
    const got = `${this.events.length} of ${wanted} events, ${JSON.stringify(this.errors)}`;
    if (this.closed || this.complete) throw new Error(`the subscription has ended: ${got}`);
    return false;
  }
}

/** The document and variables of a subscription. */
function request({ after, filter, id, more = '' }: Followed): { query: string; variables: Record<string, unknown> } {
  const node = `id type messageId address status attempt reason code enhancedCode text ${more}`;
  const item = `{ __typename ... on EventEdge { cursor node { ${node} } }
    ... on StreamCaughtUp { cursor } ... on StreamGap { resumeAfter } }`;
  const variables = { after: after ?? null, ...(id === undefined ? { filter: filter ?? null } : { id }) };
  const query =
    id === undefined
      ? `subscription ($after: Cursor, $filter: EventFilter) { item: events(after: $after, filter: $filter) ${item} }`
      : `subscription ($id: ID!, $after: Cursor) { item: messageUpdated(id: $id, after: $after) ${item} }`;
  return { query, variables };
}

/** Subscribes over a WebSocket. */
export class SocketFollower extends Follower {
  private constructor(readonly socket: WebSocket) {
    super();
    socket.on('error', () => undefined);
    socket.on('close', (code) => {
      this.closeCode = code;
      this.closed = true;
    });
  }

  static async open(client: PosternClient, followed: Followed = {}): Promise<SocketFollower> {
    const follower = new SocketFollower(new WebSocket(`${client.url.replace('http', 'ws')}/graphql`, PROTOCOL));
    let acknowledged = false;
    follower.socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as { type: string; payload?: unknown };
      if (frame.type === 'connection_ack') acknowledged = true;
      else if (frame.type === 'next') follower.take(frame.payload as Result);
      else if (frame.type === 'error') follower.take({ errors: frame.payload as TopError[] });
      else if (frame.type === 'complete') follower.complete = true;
    });
    await waitFor(() => follower.closed || follower.socket.readyState === WebSocket.OPEN);
    follower.say({ type: 'connection_init', payload: { authorization: `Bearer ${client.key}` } });
    await waitFor(() => follower.closed || acknowledged);
    follower.say({ id: '1', type: 'subscribe', payload: request(followed) });
    return follower;
  }

  async stop(): Promise<void> {
    this.socket.terminate();
    await waitFor(() => this.closed);
  }

  private say(frame: unknown): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }
}

/** Subscribes to an event stream (SSE). */
export class StreamFollower extends Follower {
  private readonly leaving = new AbortController();
  private reading: Promise<void> = Promise.resolve();
  /** Status of the HTTP answer. */
  status = 0;

  static async open(client: PosternClient, followed: Followed = {}): Promise<StreamFollower> {
    const follower = new StreamFollower();
    const response = await fetch(`${client.url}/graphql/stream`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${client.key}`,
        'content-type': 'application/json',
        accept: 'text/event-stream',
      },
      body: JSON.stringify(request(followed)),
      signal: follower.leaving.signal,
    });
    follower.status = response.status;
    follower.reading = follower.read(response).catch(() => undefined);
    return follower;
  }

  async stop(): Promise<void> {
    this.leaving.abort();
    await this.reading;
  }

  private async read(response: Response): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    try {
      if (!response.ok) return this.take((await response.json()) as Result);
      for await (const chunk of response.body ?? []) {
        text += decoder.decode(chunk as Uint8Array, { stream: true });
        const parts = text.split('\n\n');
        text = parts.pop() ?? '';
        for (const part of parts) this.readPart(part);
      }
    } finally {
      this.closed = true;
    }
  }

  private readPart(part: string): void {
    const event = /^event: (.*)$/m.exec(part)?.[1];
    const data = /^data: (.*)$/m.exec(part)?.[1] ?? '';
    if (event === 'next') this.take(JSON.parse(data) as Result);
    else if (event === 'complete') this.complete = true;
  }
}
