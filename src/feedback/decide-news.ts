import { classifyReply } from '../domain/smtp-reply-class.js';
import { isSettled, type RecipientStatus } from '../domain/recipient-status.js';
import type { EventData } from '../domain/delivery-event.js';
import type { RecipientChange } from '../events/recipient-change.js';
import type { ProviderNews } from './read/provider-news.js';

const UPWARDS: readonly RecipientStatus[] = ['HANDED_OFF', 'DELIVERED', 'BOUNCED'];

/**
 * What news mean for a recipient that stands so. Whatever a provider tells about a mail, it has it: so a
 * recipient that still waits, in doubt or because a worker vanished, is handed off, and nobody sends it again.
 */
export function decideNews(status: RecipientStatus, provider: string, news: ProviderNews): RecipientChange[] {
  if (status === news.kind) return [];
  const key = news.recipient;
  const data: EventData = {
    provider,
    ...(news.occurredAt === undefined ? {} : { occurredAt: news.occurredAt.toISOString() }),
  };
  const note = 'The provider told news of the mail: it has it.';
  const resolved: RecipientChange[] = isSettled(status)
    ? []
    : [{ ...key, event: 'RESOLVED', status: 'HANDED_OFF', data: { ...data, note } }];
  switch (news.kind) {
    case 'TAKEN':
      return resolved;
    case 'DELIVERED':
      return [...resolved, { ...key, event: 'DELIVERED', ...standing(status, 'DELIVERED', data), ...replyOf(news) }];
    case 'BOUNCED': {
      const reason = reasonOf(news, 550);
      return [
        ...resolved,
        { ...key, event: 'BOUNCED', ...standing(status, 'BOUNCED', data), reason, ...replyOf(news) },
      ];
    }
    case 'DELAYED':
      return [...resolved, { ...key, event: 'DELAYED', reason: reasonOf(news, 450), ...replyOf(news), data }];
    case 'COMPLAINED':
      return [...resolved, { ...key, event: 'COMPLAINED', data }];
  }
}

/** Late news move upwards only, and nothing that has ended otherwise: then the event tells where it stays. */
function standing(
  from: RecipientStatus,
  to: RecipientStatus,
  data: EventData,
): Pick<RecipientChange, 'status' | 'data'> {
  const moves = !isSettled(from) || (UPWARDS.includes(from) && UPWARDS.indexOf(from) < UPWARDS.indexOf(to));
  return moves ? { status: to, data } : { data: { ...data, status: from } };
}

/** Without a code the words alone are looked at, as those of a refusal or a deferral. */
function reasonOf({ reason, reply }: ProviderNews, otherwise: number): string {
  if (reason !== undefined) return reason;
  if (reply === undefined) return 'OTHER';
  return classifyReply({ code: reply.code ?? otherwise, enhanced: reply.enhanced, text: reply.text }).reason;
}

function replyOf({ reply }: ProviderNews): Pick<RecipientChange, 'smtpCode' | 'enhancedCode' | 'reply'> {
  if (reply === undefined) return {};
  return { smtpCode: reply.code, enhancedCode: reply.enhanced, reply: reply.text };
}
