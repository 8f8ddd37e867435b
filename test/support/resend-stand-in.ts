import type { ResendEmail } from '../../src/sending/transports/http/resend-email.js';
import { type Answer, HttpStandIn, type Received } from './http-stand-in.js';

export const RESEND_KEY = 're_0123456789abcdef';

/** As Resend words its refusals. */
export function resendErrorAnswer(statusCode: number, name: string, message = 'No.'): Answer {
  return { status: statusCode, body: JSON.stringify({ statusCode, name, message }) };
}

/** Speaks POST /emails with its idempotency keys, and GET /domains. */
export class ResendStandIn {
  readonly mails: ResendEmail[] = [];
  answerTo: (to: string) => Answer | undefined = () => undefined;
  /** The key may only send. */
  restricted = false;
  private readonly taken = new Map<string, { readonly body: string; readonly answer: Answer }>();

  private constructor(readonly http: HttpStandIn) {
    http.answer = (request) => this.answer(request);
  }

  static async start(tls?: { key: string; cert: string }): Promise<ResendStandIn> {
    return new ResendStandIn(await HttpStandIn.start(tls === undefined ? {} : { tls }));
  }

  private answer({ method, path, headers, body }: Received): Answer {
    if (headers['user-agent'] === undefined) return { status: 403, body: 'error code: 1010' };
    if (headers.authorization !== `Bearer ${RESEND_KEY}`) {
      const status = method === 'POST' ? 401 : 400;
      return resendErrorAnswer(status, 'validation_error', 'API key is invalid');
    }
    if (method === 'GET' && path === '/domains') return this.domains();
    if (method !== 'POST' || path !== '/emails') return resendErrorAnswer(404, 'not_found');
    return this.send(String(headers['idempotency-key'] ?? ''), body.toString());
  }

  private domains(): Answer {
    if (this.restricted) {
      return resendErrorAnswer(401, 'restricted_api_key', 'This API key is restricted to only send emails');
    }
    return { status: 200, body: JSON.stringify({ object: 'list', has_more: false, data: [] }) };
  }

  private send(key: string, body: string): Answer {
    if (key === '' || key.length > 256) return resendErrorAnswer(400, 'invalid_idempotency_key');
    const before = this.taken.get(key);
    if (before !== undefined) {
      return before.body === body ? before.answer : resendErrorAnswer(409, 'invalid_idempotent_request');
    }
    const email = JSON.parse(body) as ResendEmail;
    const other = this.answerTo(email.to[0]);
    if (other !== undefined) return other;
    this.mails.push(email);
    const id = `49a3999c-0ce1-4ea6-ab68-${String(this.mails.length).padStart(12, '0')}`;
    const answer = { status: 200, body: JSON.stringify({ id }) };
    this.taken.set(key, { body, answer });
    return answer;
  }
}
