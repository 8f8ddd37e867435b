import { VICTIMS, type Victim } from './cluster.ts';
import type { Outcome } from './unleash.ts';

const NAMES: Readonly<Record<Victim, string>> = {
  api: 'an api process',
  worker: 'a worker process',
  connections: 'connections of the database',
  backend: 'a backend of the database',
  database: 'the database',
  everything: 'everything at once',
};

/** Nothing lost, nothing left over, nothing told wrongly. */
export function isGood({ verdict, unknown, resolved, faults }: Outcome): boolean {
  const { lost, surplus, unfinished, misreported, unlabelled, forbidden } = verdict;
  const wrong = lost + surplus + unfinished + misreported + unlabelled + forbidden + faults.length;
  return wrong === 0 && unknown === resolved;
}

export function report(outcome: Outcome): string[] {
  const { verdict, kills, unknown, resolved, hadBeenAccepted, doubts, faults } = outcome;
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
    ...killTable(outcome),
    '',
    ...rows.map(([name, value]) => `${name.padEnd(28)} ${value}`),
    ...faults.map((fault) => `FAULT: ${fault}`),
    ...(isGood(outcome) ? [] : ['', `NOT GOOD after ${kills.length} kills`]),
  ];
}

function killTable({ kills, verdict }: Outcome): string[] {
  const row = (name: string, kinds: readonly Victim[]): string => {
    const some = kills.filter(({ victim }) => kinds.includes(victim));
    const copies = kinds.reduce((sum, kind) => sum + (verdict.duplicatesBy.get(kind) ?? 0), 0);
    const back = some.map(({ at, backAt }) => backAt - at).toSorted((a, b) => a - b);
    const cells = [some.length, copies, (copies / some.length).toFixed(2), back[Math.floor(back.length / 2)] ?? 0];
    return name.padEnd(28) + cells.map((cell) => String(cell).padStart(12)).join('');
  };
  const head =
    'killed'.padEnd(28) + ['kills', 'duplicates', 'a kill', 'back ms'].map((cell) => cell.padStart(12)).join('');
  const kinds = VICTIMS.filter((kind) => kills.some(({ victim }) => victim === kind));
  return [head, ...kinds.map((kind) => row(NAMES[kind], [kind])), row('all', kinds)];
}
