import { type Answer, HttpStandIn, type Received } from './http-stand-in.js';

/** The body of SendEmail as it is on the wire. */
interface SendEmailBody {
  readonly FromEmailAddress?: string;
  readonly Destination: { readonly ToAddresses: readonly string[] };
  readonly Content: { readonly Raw: { readonly Data: string } };
  readonly EmailTags?: readonly { readonly Name: string; readonly Value: string }[];
  readonly ConfigurationSetName?: string;
}

export interface SesMail extends Omit<SendEmailBody, 'Content'> {
  readonly raw: Buffer;
}

/** REST-JSON: the name in a header, with an address behind it as Amazon sends it, the text in the body. */
export function sesError(status: number, name: string, message = 'No.'): Answer {
  const type = `${name}:http://internal.amazon.com/coral/com.amazonaws.services.simpleemailv2/`;
  return {
    status,
    headers: { 'x-amzn-errortype': type, 'x-amzn-requestid': 'r-1' },
    body: JSON.stringify({ message }),
  };
}

/** Speaks SendEmail and GetAccount of the SES v2 interface; any signature by the expected key will do. */
export class SesStandIn {
  readonly mails: SesMail[] = [];
  answerTo: (to: string) => Answer | undefined = () => undefined;
  account: Readonly<Record<string, unknown>> = {
    SendingEnabled: true,
    ProductionAccessEnabled: true,
    EnforcementStatus: 'HEALTHY',
    SendQuota: { Max24HourSend: 50_000, MaxSendRate: 14, SentLast24Hours: 1200 },
  };

  private constructor(readonly http: HttpStandIn) {
    http.answer = (request) => this.answer(request);
  }

  static async start(): Promise<SesStandIn> {
    return new SesStandIn(await HttpStandIn.start());
  }

  private answer({ method, path, headers, body }: Received): Answer {
    if (
      !/^AWS4-HMAC-SHA256 Credential=AKIDTEST\/\d{8}\/eu-west-1\/ses\/aws4_request, /.test(headers.authorization ?? '')
    ) {
      return sesError(403, 'UnrecognizedClientException', 'The security token included in the request is invalid.');
    }
    if (method === 'GET' && path === '/v2/email/account') return { status: 200, body: JSON.stringify(this.account) };
    if (method !== 'POST' || path !== '/v2/email/outbound-emails') return sesError(404, 'UnknownOperationException');
    const { Content, ...mail } = JSON.parse(body.toString()) as SendEmailBody;
    const other = this.answerTo(mail.Destination.ToAddresses[0] ?? '');
    if (other !== undefined) return other;
    this.mails.push({ ...mail, raw: Buffer.from(Content.Raw.Data, 'base64') });
    return { status: 200, body: JSON.stringify({ MessageId: `0102018e-${this.mails.length}-000000` }) };
  }
}
