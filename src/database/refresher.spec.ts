import { describe, expect, it } from '@jest/globals';
import { waitFor } from '../../test/support/wait-for.js';
import { Refresher } from './refresher.js';
import { Signals } from './signals.js';

const NEVER_MS = 3_600_000;

/** A database row, and readings of it that end when they are let to. */
class Row {
  value = 0;
  readonly known: number[] = [];
  readonly told: unknown[] = [];
  private readonly readings: { end(): void; fail(error: Error): void }[] = [];

  refresher(everyMs = NEVER_MS): Refresher {
    const read = async (): Promise<void> => {
      const { value } = this;
      await new Promise<void>((resolve, reject) => this.readings.push({ end: resolve, fail: reject }));
      this.known.push(value);
    };
    return new Refresher({ signals: this.signals, topic: 'lanes', everyMs }, read, (error) => this.told.push(error));
  }

  readonly signals = new Signals('postgres://nobody@127.0.0.1:1/none');

  get underWay(): number {
    return this.readings.length;
  }

  async letEnd(how: 'end' | Error = 'end'): Promise<void> {
    await waitFor(() => this.readings.length > 0);
    const reading = this.readings.shift();
    if (how === 'end') reading?.end();
    else reading?.fail(how);
  }
}

describe('what is read again at every signal', () => {
  it('is read once more for whatever came during a reading, and never twice at a time', async () => {
    const row = new Row();
    const refresher = row.refresher();
    refresher.start();
    row.signals.publish('lanes');
    await waitFor(() => row.underWay === 1);
    row.value = 1;
    row.signals.publish('lanes');
    const known = Promise.all([refresher.reload(), refresher.reload()]);
    expect(row.underWay).toBe(1);
    await row.letEnd();
    await row.letEnd();
    await known;
    expect(row.known).toEqual([0, 1]);
    expect(row.underWay).toBe(0);
    await refresher.stop();
  });

  it('is read every so often without a signal', async () => {
    const row = new Row();
    const refresher = row.refresher(1);
    refresher.start();
    await row.letEnd();
    await row.letEnd();
    await waitFor(() => row.known.length === 2);
    const stopped = refresher.stop();
    while (row.known.length < 3) await row.letEnd();
    await stopped;
  });

  it('stays as it was when it cannot be read, which is told, or thrown to whoever must know', async () => {
    const row = new Row();
    const refresher = row.refresher();
    const away = new Error('away');
    const refreshed = refresher.refresh();
    await row.letEnd(away);
    await refreshed;
    expect(row.told).toEqual([away]);
    const reloaded = refresher.reload();
    await row.letEnd(away);
    await expect(reloaded).rejects.toBe(away);
    expect(row.told).toEqual([away]);
  });

  it('is no longer read once it has stopped, which is after the last reading', async () => {
    const row = new Row();
    const refresher = row.refresher();
    refresher.start();
    row.signals.publish('lanes');
    await waitFor(() => row.underWay === 1);
    let hasStopped = false;
    const stopped = refresher.stop().then(() => (hasStopped = true));
    row.signals.publish('lanes');
    await Promise.resolve();
    expect(hasStopped).toBe(false);
    await row.letEnd();
    await stopped;
    expect(row.known).toHaveLength(1);
  });
});
