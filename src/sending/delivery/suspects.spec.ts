import { describe, expect, it } from '@jest/globals';
import type { ClaimedJob } from './claimed-job.js';
import { Suspects } from './suspects.js';

const job = (n: number, lost: number): ClaimedJob => ({ tenantId: 't', messageId: 'm', n, lost }) as ClaimedJob;

describe('suspects', () => {
  it('are those that two workers in a row have vanished with', () => {
    const jobs = [job(0, 0), job(1, 1), job(2, 3), job(3, 4)];
    expect(new Suspects().part(jobs)).toEqual({ now: jobs, later: [] });
  });

  it('go one at a time; what is beyond suspicion goes along', () => {
    const suspects = new Suspects();
    const [fresh, one, two, three] = [job(0, 0), job(1, 2), job(2, 2), job(3, 2)];
    expect(suspects.part([fresh, one, two])).toEqual({ now: [fresh, one], later: [two] });
    expect(suspects.part([two, three])).toEqual({ now: [], later: [two, three] });
    suspects.clear(two);
    expect(suspects.part([two])).toEqual({ now: [], later: [two] });
    suspects.clear(one);
    expect(suspects.part([two, three])).toEqual({ now: [two], later: [three] });
  });

  it('that are claimed anew while they are under way go on', () => {
    const suspects = new Suspects();
    suspects.part([job(1, 2)]);
    expect(suspects.part([job(1, 2)]).now).toHaveLength(1);
  });
});
