import { describe, expect, it } from '@jest/globals';
import { AnswerCache } from './answer-cache.js';

describe('AnswerCache', () => {
  const asked: string[] = [];
  const cache = (keepMs: number, most = 10): AnswerCache<string> => {
    asked.length = 0;
    return new AnswerCache((key) => {
      asked.push(key);
      return key === 'fault' ? Promise.reject(new Error('fault')) : Promise.resolve({ answer: `about ${key}`, keepMs });
    }, most);
  };

  it('asks once for many at the same time, and for those who come while it holds', async () => {
    const answers = cache(60_000);
    expect(await Promise.all([answers.get('a'), answers.get('a'), answers.get('b')])).toEqual([
      'about a',
      'about a',
      'about b',
    ]);
    await answers.get('a');
    expect(asked).toEqual(['a', 'b']);
  });

  it('asks again once it holds no longer', async () => {
    const answers = cache(0);
    await answers.get('a');
    await answers.get('a');
    expect(asked).toEqual(['a', 'a']);
  });

  it('does not keep a fault', async () => {
    const answers = cache(60_000);
    await expect(answers.get('fault')).rejects.toThrow('fault');
    await expect(answers.get('fault')).rejects.toThrow('fault');
    expect(asked).toEqual(['fault', 'fault']);
  });

  it('keeps no more than the bound: the oldest goes', async () => {
    const answers = cache(60_000, 2);
    for (const key of ['a', 'b', 'c', 'b', 'c', 'a']) await answers.get(key);
    expect(asked).toEqual(['a', 'b', 'c', 'a']);
  });
});
