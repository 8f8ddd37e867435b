import type { IncomingHttpHeaders } from 'node:http';

/** In texts such as "try again after 120 seconds" and "try again after Mon, 25 Aug 2025 07:00:31 UTC". */
const IN_TEXT = /\btry again (?:after|in) (?:(\d{1,7}) ?s(?:ec|econds?)?\b|([A-Z][a-z]{2}, [^.]{15,30} (?:UTC|GMT)))/;

/** What says longer is looked at all the same: 9,999,999 would shut a provider for 115 days. */
const LONGEST_MS = 3_600_000;

/**
 * Milliseconds until the provider wants to be asked again, where it says so: by Retry-After (RFC 9110
 * section 10.2.3), by its text, and where a rate is what was exceeded by the end of the window.
 */
export function retryAfterMs(
  headers: IncomingHttpHeaders,
  text: string,
  now: number,
  rateExceeded: boolean,
): number | undefined {
  const told = headers['retry-after'];
  if (told !== undefined) return durationOf(told, now);
  const [, seconds, date] = IN_TEXT.exec(text) ?? [];
  if (seconds !== undefined || date !== undefined) return durationOf(seconds ?? date ?? '', now);
  return rateExceeded ? durationOf(single(headers['ratelimit-reset']) ?? '', now) : undefined;
}

/**
 * Requests a second that would be taken, from `ratelimit-limit` and the window `w` of
 * `ratelimit-policy` (draft-ietf-httpapi-ratelimit-headers-06); without it the window is a second.
 */
export function perSecondFrom(headers: IncomingHttpHeaders): number | undefined {
  const limit = Number.parseInt(single(headers['ratelimit-limit']) ?? '', 10);
  if (!(limit > 0)) return undefined;
  const window = Number(/;\s*w=(\d{1,7})/.exec(single(headers['ratelimit-policy']) ?? '')?.[1] ?? 1);
  return window > 0 ? limit / window : undefined;
}

/** At most an hour: seconds from now, or a date that begins with its weekday: `Date.parse` reads one into anything. */
function durationOf(told: string, now: number): number | undefined {
  if (/^\d{1,7}$/.test(told)) return Math.min(LONGEST_MS, Number(told) * 1000);
  const date = /^[A-Z][a-z]{2}, /.test(told) ? Date.parse(told) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.min(LONGEST_MS, Math.max(0, date - now));
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
