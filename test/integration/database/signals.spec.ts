import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { Signals } from '../../../src/database/signals.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { waitFor } from '../../support/wait-for.js';

describe('Signals', () => {
  let database: TestDatabase;
  let admin: pg.Client;
  let here: Signals;
  let there: Signals;

  beforeAll(async () => {
    database = await createTestDatabase();
    admin = new pg.Client({ connectionString: database.url });
    await admin.connect();
  });
  afterAll(async () => {
    await admin.end();
    await database.drop();
  });
  beforeEach(async () => {
    [here, there] = [new Signals(database.url), new Signals(database.url)];
    await Promise.all([here.onModuleInit(), there.onModuleInit()]);
  });
  afterEach(async () => {
    await Promise.all([here.close(), there.close()]);
  });

  const heardBy = (signals: Signals, topic: 'events' | 'jobs'): (string | undefined)[] => {
    const heard: (string | undefined)[] = [];
    signals.on(topic, (detail) => heard.push(detail));
    return heard;
  };

  it('reaches this process in a microtask and another one soon, once', async () => {
    const [local, remote, other] = [heardBy(here, 'jobs'), heardBy(there, 'jobs'), heardBy(there, 'events')];
    here.publish('jobs', 'OTP');
    here.publish('jobs', 'OTP');
    here.publish('jobs', 'BULK');
    expect(local).toEqual([]);
    await Promise.resolve();
    expect(local).toEqual(['OTP', 'BULK']);
    await waitFor(() => remote.length === 2);
    expect(remote).toEqual(['OTP', 'BULK']);
    // What came back to its sender would be here by the time of a second round trip.
    there.publish('events');
    await waitFor(() => other.length === 1);
    await admin.query('select 1');
    expect(local).toEqual(['OTP', 'BULK']);
  });

  it('stops calling a listener that has left, and goes on after one that throws', async () => {
    const left: unknown[] = [];
    here.on('events', () => left.push(1))();
    here.on('events', () => {
      throw new Error('mine');
    });
    const heard = heardBy(here, 'events');
    here.publish('events');
    await waitFor(() => heard.length === 1);
    expect(left).toEqual([]);
  });

  it('joins what is published together into few notifications', async () => {
    const raw: string[] = [];
    admin.on('notification', ({ payload }) => raw.push(payload ?? ''));
    await admin.query('listen postern');
    for (let i = 0; i < 500; i++) here.publish('events');
    for (let i = 0; i < 500; i++) here.publish('jobs', 'BULK');
    await waitFor(() => raw.length > 0);
    await admin.query('unlisten postern');
    expect(raw).toHaveLength(1);
  });

  it('opens a lost connection again, tells every listener once and loses nothing published meanwhile', async () => {
    const [events, jobs] = [heardBy(there, 'events'), heardBy(there, 'jobs')];
    await admin.query(
      "select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'postern-signals' and datname = current_database()",
    );
    here.publish('jobs', 'OTP');
    await waitFor(() => events.length >= 1 && jobs.length >= 1);
    await waitFor(async () => {
      here.publish('jobs', 'TRANSACTIONAL');
      await Promise.resolve();
      return jobs.includes('TRANSACTIONAL');
    });
    expect(events).toEqual([undefined]);
    expect(jobs.filter((detail) => detail === undefined)).toHaveLength(1);
  });

  it('starts without a database and connects when there is one', async () => {
    const url = new URL(database.url);
    const name = `${url.pathname.slice(1)}_late`;
    url.pathname = `/${name}`;
    const late = new Signals(url.href);
    await late.onModuleInit();
    const heard = heardBy(late, 'events');
    await admin.query(`create database ${name}`);
    await waitFor(() => heard.length === 1);
    await late.close();
    await admin.query(`drop database ${name} with (force)`);
  });
});
