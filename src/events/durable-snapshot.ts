/**
 * A snapshot cut off behind the last transaction that has events in it; text in, text out
 * (`xmin:xmax:xip,...`). What is visible in it is the same.
 *
 * A crash of the database gives the ids of its last transactions out again, unless one of them, or a
 * later one, left something on disk: of those that were rolled back nothing need be left. A snapshot
 * that counts such an id as done would hide the events of the transaction that gets it next (2 of
 * 3,438 in a test with five crashes). An event that is visible is on disk, and so is its
 * transaction's id; beyond it nothing has been read.
 */
export function durableSnapshot(snapshot: string, lastTx: string | null): string {
  if (lastTx === null) return '1:1:';
  const end = BigInt(lastTx) + 1n;
  const [xmin = '', xmax = '', xip = ''] = snapshot.split(':');
  if (BigInt(xmax) <= end) return snapshot;
  const inProgress = xip === '' ? [] : xip.split(',').filter((xid) => BigInt(xid) < end);
  return `${BigInt(xmin) < end ? xmin : end}:${end}:${inProgress.join(',')}`;
}
