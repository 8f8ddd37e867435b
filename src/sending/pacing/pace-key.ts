import type { Lane } from '../../domain/lane.js';

/** What has a pace of its own: a provider in a lane, or the hosts behind recipient domains, reached through it. */
export type PaceKey =
  | { readonly provider: string; readonly lane: Lane }
  | { readonly provider: string; readonly site: string };

/** The text stored for it. A provider's name has neither blanks nor slashes. */
export function paceKeyText(key: PaceKey): string {
  return 'lane' in key ? `lane/${key.provider}/${key.lane}` : `site/${key.provider}/${key.site}`;
}

export function laneKey({ provider, lane }: { readonly provider: string; readonly lane: Lane }): PaceKey {
  return { provider, lane };
}

export function siteKey({ provider, site }: { readonly provider: string; readonly site: string }): PaceKey {
  return { provider, site };
}
