import { type DynamicModule, Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DATABASE_URL } from './database-url.js';
import { PartitionKeeper } from './partition-keeper.js';
import { Pools } from './pools.js';
import { Sealer } from './sealer.js';
import { Signals } from './signals.js';

/** Plain rows (tenants, keys) need few connections; everything hot goes through the pools. */
const ORM_CONNECTIONS = 4;

/** The way to the database, for every feature. The schema is up to date before this module is made: see migrate.ts. */
@Global()
@Module({})
export class DatabaseModule {
  static of(url: string): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [
        TypeOrmModule.forRoot({
          type: 'postgres',
          url,
          autoLoadEntities: true,
          synchronize: false,
          installExtensions: false,
          logging: false,
          applicationName: 'postern-rows',
          extra: {
            max: ORM_CONNECTIONS,
            options: '-c synchronous_commit=on',
            idle_in_transaction_session_timeout: 30_000,
          },
        }),
      ],
      providers: [{ provide: DATABASE_URL, useValue: url }, Pools, Sealer, Signals, PartitionKeeper],
      exports: [DATABASE_URL, Pools, Sealer, Signals, PartitionKeeper],
    };
  }
}
