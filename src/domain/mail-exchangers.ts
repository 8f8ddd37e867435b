/** A host that takes mail for a domain; the lowest preference first (RFC 5321 section 5.1). */
interface Exchanger {
  readonly host: string;
  readonly preference: number;
}

/** What the MX records of a domain say. */
export type Exchangers =
  | { readonly kind: 'hosts'; readonly exchangers: readonly Exchanger[] }
  /** The domain takes no mail (RFC 7505). */
  | { readonly kind: 'null_mx' }
  /** We are the best host there is: sending would come back to us. */
  | { readonly kind: 'loop' };

/**
 * The hosts of a domain without us and whoever is not better than us (RFC 5321 section 5.1). A null
 * MX means what it says only where it stands alone; beside others it is a mistake and passed over.
 */
export function readExchangers(records: readonly Exchanger[], ownName: string | undefined): Exchangers {
  const hosts = records.filter(({ host }) => host !== '');
  if (hosts.length === 0) return { kind: 'null_mx' };
  const own = hosts.filter(({ host }) => host === ownName?.toLowerCase());
  const limit = Math.min(...own.map(({ preference }) => preference));
  const exchangers = hosts.filter(({ preference }) => preference < limit);
  return exchangers.length === 0 ? { kind: 'loop' } : { kind: 'hosts', exchangers };
}

/**
 * The order in which hosts are tried: by preference, within one preference those first that are
 * `ready`, the others by chance, which spreads the load as RFC 5321 asks for. `random` is in [0, 1).
 */
export function orderHosts(
  exchangers: readonly Exchanger[],
  random: () => number,
  ready: (host: string) => boolean,
): readonly string[] {
  return exchangers
    .map(({ host, preference }) => ({ host, preference, place: ready(host) ? -1 : random() }))
    .toSorted((a, b) => a.preference - b.preference || a.place - b.place)
    .map(({ host }) => host);
}
