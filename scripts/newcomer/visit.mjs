// What a newcomer does with the running service, with the means of any programming language.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const SEND =
  'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id status } cursor userErrors { code message path } } }';
const WATCH =
  'subscription ($after: Cursor) { events(after: $after) { __typename ... on EventEdge { node { type messageId address } } } }';
const EVENTS_WITHIN_MS = 20_000;

/** Calls the service with a key. */
export class Visitor {
  constructor(ready, key) {
    this.ready = ready;
    this.headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  }

  async ask(query, variables = {}) {
    const body = JSON.stringify({ query, variables });
    const response = await fetch(this.ready.graphql, { method: 'POST', headers: this.headers, body });
    const answer = await response.json();
    if (!response.ok || answer.errors !== undefined) throw new Error(`${response.status}: ${JSON.stringify(answer)}`);
    return answer.data;
  }

  async send(subject) {
    const input = {
      from: { address: 'hello@example.com', name: 'Postern' },
      to: [{ address: 'delivered@postern.test' }],
      subject,
      content: { inline: { text: 'It works.' } },
    };
    const { sendMessage } = await this.ask(SEND, { input });
    if (sendMessage.userErrors.length > 0) throw new Error(JSON.stringify(sendMessage.userErrors));
    return sendMessage;
  }

  async mails(messageId) {
    const query = 'query ($id: ID) { sandboxMails(messageId: $id) { subject envelopeTo raw } }';
    return (await this.ask(query, { id: messageId })).sandboxMails;
  }

  /** Server-sent events, until the message has been delivered. */
  async watchStream(after, messageId) {
    const leaving = new AbortController();
    const response = await fetch(this.ready.stream, {
      method: 'POST',
      headers: { ...this.headers, accept: 'text/event-stream' },
      body: JSON.stringify({ query: WATCH, variables: { after } }),
      signal: AbortSignal.any([leaving.signal, AbortSignal.timeout(EVENTS_WITHIN_MS)]),
    });
    if (!response.ok) throw new Error(`HTTP ${response.status}: ${await response.text()}`);
    const seen = [];
    let text = '';
    for await (const chunk of response.body) {
      text += Buffer.from(chunk).toString();
      const parts = text.split('\n\n');
      text = parts.pop();
      for (const part of parts) {
        const data = /^event: next\ndata: (.*)$/m.exec(part)?.[1];
        if (data !== undefined) take(seen, JSON.parse(data), messageId);
      }
      if (seen.includes('DELIVERED')) break;
    }
    leaving.abort();
    return seen;
  }

  /** The same over a WebSocket, with the client of the clone: Node 20 has none of its own. */
  async watchSocket(after, messageId, clone) {
    const { WebSocket } = createRequire(join(clone, 'package.json'))('ws');
    const socket = new WebSocket(this.ready.websocket, 'graphql-transport-ws');
    const seen = [];
    let fault;
    const say = (frame) => socket.send(JSON.stringify(frame));
    socket.on('error', (error) => (fault = error));
    socket.on('close', (code) => (fault ??= new Error(`closed with ${code}`)));
    socket.on('open', () => say({ type: 'connection_init', payload: { authorization: this.headers.authorization } }));
    socket.on('message', (data) => {
      const { type, payload } = JSON.parse(data.toString());
      if (type === 'connection_ack') {
        say({ id: '1', type: 'subscribe', payload: { query: WATCH, variables: { after } } });
      } else if (type === 'next') take(seen, payload, messageId);
      else if (type === 'error') fault = new Error(JSON.stringify(payload));
    });
    const deadline = Date.now() + EVENTS_WITHIN_MS;
    while (!seen.includes('DELIVERED') && fault === undefined && Date.now() < deadline) await sleep(20);
    socket.terminate();
    if (!seen.includes('DELIVERED') && fault !== undefined) throw fault;
    return seen;
  }
}

function take(seen, { data, errors }, messageId) {
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  if (data.events.__typename === 'EventEdge' && data.events.node.messageId === messageId) {
    seen.push(data.events.node.type);
  }
}
