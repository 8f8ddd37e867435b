import { describe, expect, it } from '@jest/globals';
import { waitFor } from '../../test/support/wait-for.js';
import { PeriodicTask } from './periodic-task.js';

const fails = (error: unknown): void => {
  throw error;
};

describe('a periodic task', () => {
  it('is never done twice at a time', async () => {
    let [now, most, times] = [0, 0, 0];
    const release: (() => void)[] = [];
    const work = async (): Promise<void> => {
      most = Math.max(most, ++now);
      times += 1;
      await new Promise<void>((resolve) => release.push(resolve));
      now -= 1;
    };
    const task = new PeriodicTask(1, work, fails);
    task.start();
    await waitFor(() => times === 1);
    const both = Promise.all([task.run(), task.run()]);
    release.shift()?.();
    await both;
    await waitFor(() => times === 2);
    expect(most).toBe(1);
    const stopped = task.stop();
    release.shift()?.();
    await stopped;
  });

  it('comes again after it has failed', async () => {
    let times = 0;
    const told: unknown[] = [];
    const work = (): Promise<void> => Promise.reject(new Error(String((times += 1))));
    const task = new PeriodicTask(1, work, (error) => told.push(error));
    task.start();
    await waitFor(() => told.length >= 2);
    await task.stop();
    expect(told.slice(0, 2)).toEqual([new Error('1'), new Error('2')]);
    expect(told).toHaveLength(times);
  });

  it('has ended when it is stopped, and knows before that it is to end', async () => {
    let ended = false;
    const task: PeriodicTask = new PeriodicTask(
      1,
      async () => {
        await waitFor(() => task.isStopped);
        ended = true;
      },
      fails,
    );
    void task.run();
    await task.stop();
    expect(ended).toBe(true);
  });
});
