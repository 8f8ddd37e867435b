import { readFileSync, readdirSync } from 'node:fs';

/** Clock ticks per second in /proc: fixed on Linux. */
const TICKS_PER_SECOND = 100;

interface Stat {
  readonly parent: number;
  readonly ticks: number;
}

function stat(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    // utime, stime and those of children that ended and were waited for (proc(5)).
    const [utime = 0, stime = 0, cutime = 0, cstime = 0] = fields.slice(11, 15);
    return { parent: fields[1] ?? 0, ticks: utime + stime + cutime + cstime };
  } catch {
    return undefined;
  }
}

/** CPU seconds used so far by the given processes and all their descendants. */
export function cpuSeconds(roots: readonly number[]): number {
  const stats = new Map<number, Stat>();
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    const found = Number.isInteger(pid) ? stat(pid) : undefined;
    if (found !== undefined) stats.set(pid, found);
  }
  const belongs = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = stats.get(at)?.parent) {
      if (roots.includes(at)) return true;
    }
    return false;
  };
  let ticks = 0;
  for (const [pid, { ticks: own }] of stats) if (belongs(pid)) ticks += own;
  return ticks / TICKS_PER_SECOND;
}
