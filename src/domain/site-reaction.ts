import type { Pushback } from './pushback.js';
import { scopeOfReply } from './reply-scope.js';
import { DEFAULT_LIMITS, DEFAULT_REACTIONS, SITE_RULES, type SiteReaction, type SiteRule } from './site-rules.js';
import { siteName } from './site-name.js';
import type { Reply } from './smtp-reply-class.js';

/** The rule for the hosts of a domain; where they are not all of one provider it is the default. */
export function siteRuleFor(hosts: readonly string[]): SiteRule {
  const rule = SITE_RULES.find(({ suffixes }) =>
    hosts.every((host) => suffixes.some((suffix) => host.endsWith(suffix))),
  );
  if (rule?.shared === true) return rule;
  const limits = rule ?? { ...DEFAULT_LIMITS, suffixes: [], shared: false, reactions: [] };
  return { ...limits, name: siteName(hosts) };
}

/** What the site's texts, or those that several use, say to do about a reply. */
export function reactionTo(rule: SiteRule, reply: Reply): SiteReaction | undefined {
  const line = [reply.code, reply.enhanced, reply.text].filter((part) => part !== undefined).join(' ');
  return [...rule.reactions, ...DEFAULT_REACTIONS].find((reaction) => reaction.reply.test(line));
}

/**
 * What a site asks for with a 4xx or 5xx reply, or undefined when it is about one recipient or mail.
 * `seen` is how often its reaction was met within the last hour, this time included: below its
 * number the site is slowed as any other would be.
 */
export function pushbackOf(rule: SiteRule, reply: Reply, seen: number): Pushback | undefined {
  const reaction = reactionTo(rule, reply);
  if (reaction?.scope === 'RECIPIENT') return undefined;
  if (reaction === undefined || seen < (reaction.times ?? 1)) {
    const scope = scopeOfReply(reply);
    return scope === undefined ? undefined : { scope };
  }
  return {
    scope: 'SITE',
    ...(reaction.suspendMs === undefined ? {} : { retryAfterMs: reaction.suspendMs }),
    ...(reaction.perSecond === undefined ? {} : { perSecond: reaction.perSecond }),
    ...(reaction.maxConnections === undefined ? {} : { maxConnections: reaction.maxConnections }),
    ...(reaction.forMs === undefined ? {} : { forMs: reaction.forMs }),
  };
}
