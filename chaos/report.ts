import type { Blow } from './cluster.ts';
import type { Outcome } from './unleash.ts';

const NAMES: Readonly<Record<Blow, string>> = {
  api: 'an api process',
  worker: 'a worker process',
  connections: 'connections of the database',
  backend: 'a backend of the database',
  database: 'the database',
  everything: 'everything at once',
  calm: 'nothing, for three leases',
  freeze: 'a worker, frozen',
  'stop api': 'an api process, by SIGTERM',
  'stop worker': 'a worker, by SIGTERM',
  'data full': 'room for data',
  'WAL full': 'room for WAL',
};

/** Nothing lost, nothing left over, nothing told wrongly. */
export function isGood({ verdict, unknown, resolved, faults }: Outcome): boolean {
  const { lost, surplus, unfinished, misreported, unlabelled, forbidden } = verdict;
  const wrong = lost + surplus + unfinished + misreported + unlabelled + forbidden + faults.length;
  return wrong === 0 && unknown === resolved;
}

export function report(outcome: Outcome): string[] {
  const { verdict, strikes, unknown, resolved, hadBeenAccepted, doubts, faults } = outcome;
  const { duplicates, acknowledged } = verdict;
  const share = ((100 * duplicates) / acknowledged).toFixed(3);
  const rows: readonly (readonly [string, string])[] = [
    ['acknowledged', String(acknowledged)],
    ['delivered', String(verdict.delivered)],
    ['lost', String(verdict.lost)],
    ['left unfinished', String(verdict.unfinished)],
    ['accepted twice or unasked', String(verdict.surplus)],
    ['history wrong', String(verdict.misreported)],
    ['unknown commit outcomes', `${unknown}, resolved ${resolved} (${hadBeenAccepted} had been accepted)`],
    ['sent more than once', `${duplicates} (${share} %), at most ${verdict.mostCopies} copies`],
    ['  of them not labelled', String(verdict.unlabelled)],
    ['  of them never to be', String(verdict.forbidden)],
    ['held because in doubt', `${doubts.held} (${doubts.sent} had been sent)`],
    ['labelled as perhaps sent', String(verdict.labelled)],
  ];
  return [
    ...strikeTable(outcome),
    '',
    ...rows.map(([name, value]) => `${name.padEnd(28)} ${value}`),
    ...faults.map((fault) => `FAULT: ${fault}`),
    ...(isGood(outcome) ? [] : ['', `NOT GOOD after ${strikes.length} blows`]),
  ];
}

function strikeTable({ strikes, verdict }: Outcome): string[] {
  const kinds = (Object.keys(NAMES) as Blow[]).filter((kind) => strikes.some(({ blow }) => blow === kind));
  const row = (name: string, some: readonly Blow[]): string => {
    const fallen = strikes.filter(({ blow }) => some.includes(blow));
    const copies = some.reduce((sum, kind) => sum + (verdict.duplicatesBy.get(kind) ?? 0), 0);
    const back = fallen.map(({ at, backAt }) => backAt - at).toSorted((a, b) => a - b);
    const cells = [fallen.length, copies, (copies / fallen.length).toFixed(2), back[Math.floor(back.length / 2)] ?? 0];
    return name.padEnd(28) + cells.map((cell) => String(cell).padStart(12)).join('');
  };
  const head = ['times', 'duplicates', 'each time', 'back ms'].map((cell) => cell.padStart(12)).join('');
  return ['taken away'.padEnd(28) + head, ...kinds.map((kind) => row(NAMES[kind], [kind])), row('all', kinds)];
}
