import { LANES, type Lane, laneCode } from '../../domain/lane.js';

interface Guest {
  readonly lane: Lane;
  /** Undefined once inside; else the name of what has no room. */
  readonly enter: () => string | undefined;
  readonly wake: (entered: boolean) => void;
  /** What it waits for at the moment. */
  name: string;
}

/**
 * Messages that wait in this process until a connection is free: by lane, then in order of arrival. One
 * that finds another thing full when its turn comes goes on waiting for that.
 */
export class ConnectionLine {
  private readonly byName = new Map<string, Guest[][]>();
  private readonly byLane = LANES.map(() => 0);

  /** How many of the lane wait, for whatever. */
  size(lane: Lane): number {
    return this.byLane[laneCode(lane)] ?? 0;
  }

  /** How many wait for it whose turn comes before that of a newcomer of the lane. */
  ahead(name: string, lane: Lane): number {
    const lines = this.byName.get(name) ?? [];
    return lines.slice(0, laneCode(lane) + 1).reduce((sum, line) => sum + line.length, 0);
  }

  /** True once inside, false when the time is over. */
  wait(name: string, lane: Lane, enter: Guest['enter'], withinMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const wake = (entered: boolean): void => {
        clearTimeout(timer);
        this.remove(guest);
        resolve(entered);
      };
      const guest: Guest = { lane, enter, wake, name };
      // A limit that was raised meanwhile tells nobody.
      const timer = setTimeout(() => wake(enter() === undefined), withinMs);
      this.add(guest);
    });
  }

  /** Somebody has left: lets in whoever comes next. */
  freed(name: string): void {
    for (const line of this.byName.get(name) ?? []) {
      for (let next = line[0]; next !== undefined; next = line[0]) {
        const full = next.enter();
        if (full === undefined) next.wake(true);
        // What the lane may not take, those below it may not either.
        else if (full === name) return;
        else this.move(next, full);
      }
    }
  }

  private move(guest: Guest, name: string): void {
    this.remove(guest);
    guest.name = name;
    this.add(guest);
  }

  private add(guest: Guest): void {
    const lines = this.byName.get(guest.name) ?? LANES.map(() => []);
    this.byName.set(guest.name, lines);
    lines[laneCode(guest.lane)]?.push(guest);
    this.count(guest.lane, 1);
  }

  private remove(guest: Guest): void {
    const lines = this.byName.get(guest.name) ?? [];
    const line = lines[laneCode(guest.lane)] ?? [];
    line.splice(line.indexOf(guest), 1);
    this.count(guest.lane, -1);
    if (lines.every(({ length }) => length === 0)) this.byName.delete(guest.name);
  }

  private count(lane: Lane, by: number): void {
    this.byLane[laneCode(lane)] = this.size(lane) + by;
  }
}
