import type { Config } from './config/config.js';

/** What there is to tell once the service answers. */
export interface ReadyFacts {
  readonly version: string;
  readonly config: Pick<Config, 'role' | 'host' | 'dataDir' | 'databaseUrl' | 'explorer'>;
  /** Names of those that mail of live keys can leave through; the sandbox is none. */
  readonly providers: readonly string[];
  readonly port: number;
  /** The key that was made just now; undefined on every later start. */
  readonly testKey: string | undefined;
  /** The file that key was written to, now or on the first start. */
  readonly credentials: string | undefined;
  readonly startedInMs: number;
}

/** One line for programs. */
export function readyLine(facts: ReadyFacts): string {
  const { config, port } = facts;
  const url = baseUrl(config.host, port);
  const answers = config.role !== 'worker';
  return JSON.stringify({
    event: 'ready',
    version: facts.version,
    role: config.role,
    host: config.host,
    port,
    ...(answers
      ? { graphql: `${url}/graphql`, websocket: `${webSocket(url)}/graphql`, stream: `${url}/graphql/stream` }
      : {}),
    ...(answers && config.explorer ? { explorer: `${url}/graphiql`, inbox: `${url}/inbox` } : {}),
    health: `${url}/readyz`,
    metrics: `${url}/metrics`,
    database: config.databaseUrl === undefined ? 'embedded' : 'external',
    relay: facts.providers.length > 0,
    providers: facts.providers,
    testKey: facts.testKey,
    credentials: facts.credentials,
    startedInMs: facts.startedInMs,
  });
}

/** A page for people: what is served, and lines that work when pasted. */
export function startBanner(facts: ReadyFacts): string {
  const url = baseUrl(facts.config.host, facts.port);
  const lines =
    facts.config.role === 'worker'
      ? [...head(facts), row('Health', `${url}/readyz`), row('Metrics', `${url}/metrics`), ...places(facts)]
      : [...head(facts), ...doors(facts, url), ...places(facts), ...key(facts), ...examples(facts, url)];
  const seconds = (facts.startedInMs / 1000).toFixed(1);
  return ['', ...lines, '', `  Ready in ${seconds} s. Ctrl+C stops.`, ''].join('\n');
}

function head({ version, providers }: ReadyFacts): string[] {
  const what =
    providers.length === 0
      ? 'SANDBOX: mail is caught here, nothing leaves this machine'
      : 'LIVE keys send through the providers, test keys to the sandbox';
  return [`  Postern ${version}   ${what}`, ''];
}

function doors({ config }: ReadyFacts, url: string): string[] {
  return [
    row('GraphQL', `${url}/graphql`),
    ...(config.explorer ? [row('Explorer', `${url}/graphiql`), row('Inbox', `${url}/inbox`)] : []),
    row('Events', `${webSocket(url)}/graphql`, 'WebSocket, graphql-transport-ws'),
    row('', `${url}/graphql/stream`, 'server-sent events'),
    row('Health', `${url}/readyz`, `metrics ${url}/metrics`),
    '',
  ];
}

function places({ config, providers }: ReadyFacts): string[] {
  return [
    config.databaseUrl === undefined
      ? row(
          'Database',
          `embedded, in ${config.dataDir}`,
          'POSTERN_DATABASE_URL=postgres://user:password@host:5432/name for your own',
        )
      : row('Database', 'as in POSTERN_DATABASE_URL'),
    providers.length === 0
      ? row('Providers', 'none', 'POSTERN_SMTP_URL=smtp://user:password@host:587 to send real mail')
      : row('Providers', providers.join(', ')),
  ];
}

function key({ testKey, credentials }: ReadyFacts): string[] {
  const file = credentials === undefined ? 'shown only now' : `shown only now; also in ${credentials}`;
  if (testKey !== undefined) return ['', row('Test key', testKey), row('', file)];
  return credentials === undefined ? [] : ['', row('Test key', `in ${credentials}`)];
}

function examples(facts: ReadyFacts, url: string): string[] {
  const header = `-H ${authorization(facts)} -H 'content-type: application/json'`;
  return [
    '',
    '  Watch, in a second terminal:',
    `    curl -sN ${url}/graphql/stream ${header} \\`,
    `      -d '${JSON.stringify({ query: WATCH })}'`,
    '',
    '  Send:',
    `    curl -s ${url}/graphql ${header} \\`,
    `      -d '${JSON.stringify({ query: SEND, variables: { input: FIRST_MESSAGE } })}'`,
  ];
}

/** In single quotes where the key is known, else taken from where it can be found. */
function authorization({ testKey, credentials }: ReadyFacts): string {
  if (testKey !== undefined) return `'authorization: Bearer ${testKey}'`;
  return credentials === undefined
    ? `"authorization: Bearer $POSTERN_KEY"`
    : `"authorization: Bearer $(cat '${credentials}')"`;
}

const WATCH = 'subscription { events { __typename ... on EventEdge { node { type at address text } } } }';
const SEND =
  'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id status } userErrors { code message path } } }';
const FIRST_MESSAGE = {
  from: { address: 'hello@example.com', name: 'Postern' },
  to: [{ address: 'delivered@postern.test' }],
  subject: 'Hello',
  content: { inline: { text: 'It works.' } },
};

function row(name: string, value: string, note = ''): string {
  return `  ${name.padEnd(10)}${note === '' ? value : `${value.padEnd(40)} ${note}`}`;
}

/** An address that can be opened; "any" is none. */
function baseUrl(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `http://localhost:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function webSocket(url: string): string {
  return url.replace(/^http/, 'ws');
}
