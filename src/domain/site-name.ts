/**
 * One name for a set of MX hosts, the same for every domain that has this set: the labels are merged
 * from the right, `alt1.l.google.com` and `aspmx.l.google.com` to `(alt1|aspmx).l.google.com`; `?`
 * marks a label that not every host has. For people to read and for programs to compare. Two sets can
 * share a name by design of their owners: they then share limits, and never a connection, as those
 * are kept by host.
 */
export function siteName(hosts: readonly string[]): string {
  const names = hosts.map((host) => host.toLowerCase().split('.').toReversed());
  const longest = Math.max(0, ...names.map((labels) => labels.length));
  return Array.from({ length: longest }, (_, place) => merged(names.map((labels) => labels[place])))
    .toReversed()
    .join('.');
}

function merged(labels: readonly (string | undefined)[]): string {
  const different = [...new Set(labels.filter((label) => label !== undefined))].toSorted();
  const text = different.length === 1 ? different.join('') : `(${different.join('|')})`;
  return labels.includes(undefined) ? `${text}?` : text;
}
