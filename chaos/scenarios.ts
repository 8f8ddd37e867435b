import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Blow, type SettingsOf, VICTIMS } from './cluster.ts';
import { whyNoSmallDisks } from './small-disks.ts';

export interface Scenario {
  /** How many blows when not told. */
  readonly usual: number;
  readonly blows: (count: number) => readonly Blow[];
  readonly settingsOf: SettingsOf;
  /** On volumes that can be filled. */
  readonly onSmallDisks?: true;
  /** Why it cannot be played on this machine, if so. */
  readonly whyNot?: () => string | undefined;
}

const LIBRARIES = '/usr/lib';
const plain: SettingsOf = () => ({});

export const SCENARIOS = {
  /** The kinds take turns in random order, so that a short run meets each of them. */
  kills: { usual: 60, blows: (count) => inTurns(count, () => shuffled(VICTIMS)), settingsOf: plain },
  freeze: { usual: 10, blows: (count) => inTurns(count, () => ['freeze']), settingsOf: plain },
  skew: {
    usual: 6,
    blows: (count) => inTurns(count, () => ['calm', 'worker']),
    settingsOf: (role, place) => (role === 'worker' ? clockOff(place % 2 === 0 ? '+1h' : '-1h') : {}),
    whyNot: () => (faketime() === undefined ? 'libfaketime is not installed (Debian package faketime).' : undefined),
  },
  'disk-full': {
    usual: 4,
    blows: (count) => inTurns(count, () => ['data full', 'WAL full']),
    settingsOf: plain,
    onSmallDisks: true,
    whyNot: whyNoSmallDisks,
  },
  rolling: { usual: 20, blows: (count) => inTurns(count, () => ['stop worker', 'stop api']), settingsOf: plain },
} as const satisfies Readonly<Record<string, Scenario>>;

/** libfaketime for programs with threads; its folder is named after the machine. */
function faketime(): string | undefined {
  const folders = existsSync(LIBRARIES) ? readdirSync(LIBRARIES) : [];
  return folders
    .map((folder) => join(LIBRARIES, folder, 'faketime', 'libfaketimeMT.so.1'))
    .find((library) => existsSync(library));
}

/** Only the time of day is wrong: monotonic time is what timers and leases are measured by. */
function clockOff(by: string): Readonly<Record<string, string>> {
  return { LD_PRELOAD: faketime() ?? '', FAKETIME: by, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
}

function inTurns(count: number, turn: () => readonly Blow[]): readonly Blow[] {
  const all: Blow[] = [];
  while (all.length < count) all.push(...turn());
  return all.slice(0, count);
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
