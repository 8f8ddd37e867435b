import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import { FirstKey } from './auth/first-key.js';
import type { Config } from './config/config.js';
import { findCredentials, writeCredentials } from './credentials-file.js';
import { embeddedEncryptionKey } from './encryption-key-file.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './database/embedded/launcher.js';
import { migrate } from './database/migrate.js';
import { createHttpAdapter } from './graphql/http-adapter.js';
import { SubscriptionDoors } from './graphql/subscription-doors.js';
import { Draining } from './health/draining.js';
import { assertCanListen, describeListenError } from './listen-address.js';
import { SANDBOX } from './domain/provider.js';
import { faultOf } from './sending/accept/acceptance-fault.js';
import { configuredProviders } from './sending/providers/configured-providers.js';
import { ProviderDirectory } from './sending/providers/provider-directory.js';
import { serviceVersion } from './service-version.js';
import type { RunningParts } from './shutdown.js';
import type { ReadyFacts } from './start-banner.js';
import { ServiceLogger } from './telemetry/service-logger.js';
import { waitForDatabase } from './wait-for-database.js';

const MOST_STARTS = 10;

/** A service that answers. */
export interface StartedPostern {
  readonly facts: ReadyFacts;
  readonly parts: RunningParts;
}

/** Starts everything the role asks for; what was begun is taken back when something fails. */
export async function startPostern(config: Config): Promise<StartedPostern> {
  // What cannot be used is told before a database is started or waited for.
  configuredProviders(config);
  await assertCanListen(config);
  const embedded = config.databaseUrl === undefined ? await startEmbedded(config) : undefined;
  try {
    const sealed = embedded === undefined ? config : await withEncryptionKey(config);
    const { app, testKey } = await startApp(sealed, embedded?.url ?? config.databaseUrl ?? '');
    const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
    const credentials = config.databaseUrl === undefined ? await findCredentials(config.dataDir) : undefined;
    const directory = app.get(ProviderDirectory, { strict: false });
    const providers = directory.providers().map(({ name }) => name);
    // Since the process began: loading the modules is most of it.
    const startedInMs = Math.round(performance.now());
    return {
      facts: {
        version: serviceVersion(),
        config,
        providers: providers.filter((name) => name !== SANDBOX),
        port,
        testKey,
        credentials,
        startedInMs,
      },
      parts: partsOf(app, config, embedded),
    };
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
}

interface StartedApp {
  readonly app: NestFastifyApplication;
  readonly testKey: string | undefined;
}

/** A database that goes away in the middle of the start is waited for like one that was not there at first. */
async function startApp(config: Config, url: string): Promise<StartedApp> {
  for (let round = 1; ; round += 1) {
    try {
      return await startAppOnce(config, url);
    } catch (error) {
      if (round === MOST_STARTS || faultOf(error) !== 'lost') throw error;
    }
  }
}

async function startAppOnce(config: Config, url: string): Promise<StartedApp> {
  await waitForDatabase(url);
  await migrate(url);
  const app = await createApp(config, url);
  try {
    await listen(app, config);
    return { app, testKey: await makeFirstKey(app, config) };
  } catch (error) {
    await app.close().catch(() => undefined);
    throw error;
  }
}

async function startEmbedded(config: Config): Promise<EmbeddedPostgres> {
  // There is no logger yet, and stdout belongs to the ready line.
  const log = (msg: string): void => {
    const line = JSON.stringify({ level: 'info', time: new Date().toISOString(), context: 'EmbeddedPostgres', msg });
    if (config.logLevel !== 'silent') process.stderr.write(`${line}\n`);
  };
  return startEmbeddedPostgres(config.dataDir, { log });
}

async function withEncryptionKey(config: Config): Promise<Config> {
  return { ...config, encryptionKey: config.encryptionKey ?? [await embeddedEncryptionKey(config.dataDir)] };
}

async function createApp(config: Config, url: string): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.of(config, url), createHttpAdapter(config), {
    bufferLogs: true,
    abortOnError: false,
  });
  app.useLogger(app.get(ServiceLogger));
  const draining = app.get(Draining, { strict: false });
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onSend', (_request, reply, payload, done) => {
      if (draining.isDraining) void reply.header('connection', 'close');
      done(null, payload);
    });
  return app;
}

async function listen(app: NestFastifyApplication, config: Config): Promise<void> {
  try {
    await app.listen(config.port, config.host);
  } catch (error) {
    throw describeListenError(error, config);
  }
}

/** An api process makes it: a worker has nobody to show it to. */
async function makeFirstKey(app: NestFastifyApplication, config: Config): Promise<string | undefined> {
  if (config.role === 'worker') return undefined;
  return app.get(FirstKey, { strict: false }).make(async (secret) => {
    if (config.databaseUrl === undefined) await writeCredentials(config.dataDir, secret);
  });
}

function partsOf(app: NestFastifyApplication, config: Config, embedded: EmbeddedPostgres | undefined): RunningParts {
  return {
    config,
    server: app.getHttpServer() as Server,
    beginDraining: () => app.get(Draining, { strict: false }).begin(),
    closeDoors: async () => {
      if (config.role !== 'worker') await app.get(SubscriptionDoors, { strict: false }).closeAll();
    },
    closeApp: () => app.close(),
    stopDatabase: async () => embedded?.stop(),
  };
}
