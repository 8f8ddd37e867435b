import type { Provider } from './provider.js';

/** How the news of a provider are known to be its own. */
export type NewsSource =
  | { readonly kind: 'MAILGUN'; readonly signingKey: string }
  | { readonly kind: 'RESEND'; readonly secret: string }
  | { readonly kind: 'SES'; readonly topicArn: string };

/** Where a provider posts its news, followed by its name. */
export const NEWS_PATH = '/feedback/';

/** Undefined for a provider that tells nothing over HTTP, or whose news could not be told from anybody's. */
export function newsSourceOf(provider: Provider): NewsSource | undefined {
  switch (provider.kind) {
    case 'MAILGUN': {
      const { webhookSigningKey } = provider.settings;
      return webhookSigningKey === undefined ? undefined : { kind: 'MAILGUN', signingKey: webhookSigningKey };
    }
    case 'RESEND': {
      const { webhookSecret } = provider.settings;
      return webhookSecret === undefined ? undefined : { kind: 'RESEND', secret: webhookSecret };
    }
    case 'SES': {
      const { snsTopicArn } = provider.settings;
      return snsTopicArn === undefined ? undefined : { kind: 'SES', topicArn: snsTopicArn };
    }
    default:
      return undefined;
  }
}
