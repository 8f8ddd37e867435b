import type { ReasonClass } from '../../domain/bounce-class.js';
import type { RecipientKey } from '../../domain/recipient-key.js';

/** What a provider can tell about mail that it has. Whatever it tells, it has it. */
export type NewsKind = 'TAKEN' | 'DELIVERED' | 'DELAYED' | 'BOUNCED' | 'COMPLAINED';

/** What the receiving side said, as far as the provider passes it on. */
export interface PassedOnReply {
  readonly code: number | undefined;
  readonly enhanced: string | undefined;
  readonly text: string;
}

/** News about one recipient, in the same words for every provider. */
export interface ProviderNews {
  readonly kind: NewsKind;
  readonly recipient: RecipientKey;
  /** By the provider's clock. */
  readonly occurredAt: Date | undefined;
  readonly reply: PassedOnReply | undefined;
  /** Where the provider tells it better than the reply. */
  readonly reason?: ReasonClass;
}

/** One request of a provider: its body as it came, since that is what is signed. */
export interface NewsRequest {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

/** What a request turned out to be. */
export type NewsReading =
  | {
      readonly kind: 'genuine';
      /** Names of this request and of what it tells; one that is known makes it a repetition. */
      readonly ids: readonly string[];
      /** Undefined: nothing that is kept, or mail that is not ours. */
      readonly news: ProviderNews | undefined;
    }
  /** 400: nobody's form; 401: not from the provider, as far as can be told. The reason quotes nothing of the request. */
  | { readonly kind: 'refused'; readonly status: 400 | 401; readonly why: string };

export const refused = (status: 400 | 401, why: string): NewsReading => ({ kind: 'refused', status, why });
