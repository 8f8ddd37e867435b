import type { GetAccountCommand, SendEmailCommand, SendEmailCommandInput, SESv2Client } from '@aws-sdk/client-sesv2';
import type { Exchanged, HttpExchange } from '../http/http-exchange.js';
import type { SesSettings } from './ses-settings.js';

type Package = typeof import('@aws-sdk/client-sesv2');

/** How the optional package is loaded. */
export type LoadPackage = () => Promise<Package>;

/** `no_request`: the client did not come as far as asking, for want of itself, of credentials or of a sound setting. */
export type SesCalled = Exchanged | { readonly got: 'no_request'; readonly note: string };

/** One call, until our handler takes it over. */
interface Call {
  readonly deadline: number;
  /** True once, for the handler; false when the call ended before. */
  takeOver(): boolean;
  readonly settle: (called: SesCalled) => void;
}

/** Reaches our handler as it was given to `send`. */
interface CallOptions {
  readonly requestTimeout?: number;
  readonly call: Call;
}

/** What the client hands to its handler; only what is used here. */
interface SignedRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

const PACKAGE_MISSING = 'the package @aws-sdk/client-sesv2 is not installed: run npm install @aws-sdk/client-sesv2';

const MISSING_CODES: ReadonlySet<unknown> = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']);

/**
 * Amazon's client, which finds credentials and endpoints and signs, over an exchange of ours, which
 * knows how far a request got. Its own retries are off: after a doubt they would send a second mail,
 * and when to try again is decided elsewhere.
 */
export class SesClient {
  #loading: Promise<{ package: Package; client: SESv2Client }> | undefined;

  constructor(
    private readonly settings: SesSettings,
    private readonly exchange: HttpExchange,
    private readonly load: LoadPackage,
  ) {}

  sendEmail(input: SendEmailCommandInput): Promise<SesCalled> {
    return this.#call((loaded) => new loaded.SendEmailCommand(input));
  }

  getAccount(): Promise<SesCalled> {
    return this.#call((loaded) => new loaded.GetAccountCommand({}));
  }

  /** Never rejects, and ends by the deadline, whatever the client waits for. */
  async #call(commandOf: (loaded: Package) => SendEmailCommand | GetAccountCommand): Promise<SesCalled> {
    const deadline = Date.now() + this.settings.timeoutMs;
    this.#loading ??= this.#start();
    let loaded: { package: Package; client: SESv2Client };
    try {
      loaded = await this.#loading;
    } catch (error) {
      this.#loading = undefined;
      return { got: 'no_request', note: loadFault(error) };
    }
    const command = commandOf(loaded.package);
    return new Promise((resolve) => {
      let waiting = true;
      const giveUp = (note: string): void => {
        clearTimeout(timer);
        waiting = false;
        resolve({ got: 'no_request', note });
      };
      const timer = setTimeout(() => giveUp('no credentials in time'), Math.max(0, deadline - Date.now()));
      const takeOver = (): boolean => {
        clearTimeout(timer);
        const taken = waiting;
        waiting = false;
        return taken;
      };
      const options: CallOptions = { call: { deadline, takeOver, settle: resolve } };
      // Its verdict on an answer comes too late to matter; a fault before there was one ends the call.
      loaded.client.send(command as SendEmailCommand, options).then(
        () => undefined,
        (error: unknown) => giveUp(clientFault(error)),
      );
    });
  }

  async #start(): Promise<{ package: Package; client: SESv2Client }> {
    const loaded = await this.load();
    const { region, endpoint, accessKeyId, secretAccessKey, sessionToken } = this.settings;
    const keys =
      accessKeyId === undefined || secretAccessKey === undefined
        ? {}
        : { credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) } };
    const client = new loaded.SESv2Client({
      region,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...keys,
      maxAttempts: 1,
      retryMode: 'standard',
      requestHandler: {
        handle: (request: SignedRequest, { call }: CallOptions) => this.#handle(request, call),
        updateHttpClientConfig: () => undefined,
        httpHandlerConfigs: () => ({}),
      },
    });
    return { package: loaded, client };
  }

  async #handle(request: SignedRequest, call: Call): Promise<unknown> {
    // From here on the exchange keeps the deadline; and nothing is sent for a call that was given up.
    if (!call.takeOver()) throw new Error('the call is over');
    const { protocol, hostname, port, path, headers, body } = request;
    const exchanged = await this.exchange.send({
      method: request.method === 'GET' ? 'GET' : 'POST',
      url: new URL(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}`),
      headers,
      ...(body === undefined ? {} : { body: bufferOf(body) }),
      withinMs: call.deadline - Date.now(),
    });
    call.settle(exchanged);
    if (exchanged.got !== 'answer') throw new Error(exchanged.note);
    const { status, headers: answered, body: bytes } = exchanged.answer;
    // A copy: the client makes a class of its own out of the array it is given.
    return { response: { statusCode: status, headers: answered, body: Uint8Array.from(bytes) } };
  }
}

/** Bytes that pretend to be a text as well: `Buffer.from` would take the text. */
function bufferOf(body: string | Uint8Array): Buffer {
  return typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}

function loadFault(error: unknown): string {
  const { code } = error as { code?: unknown };
  return MISSING_CODES.has(code) ? PACKAGE_MISSING : 'the package @aws-sdk/client-sesv2 cannot be loaded';
}

/** The kind only: its message may quote a credentials file. */
function clientFault(error: unknown): string {
  const { name } = error as { name?: unknown };
  return `the SES client cannot make the request: ${typeof name === 'string' ? name : 'unknown fault'}`;
}
