import { Module } from '@nestjs/common';
import { ProvidersModule } from '../providers/providers.module.js';
import { SandboxMailRepository } from './sandbox/sandbox-mail.repository.js';
import { SandboxTransport } from './sandbox/sandbox-transport.js';
import { Transports } from './transports.js';

/** The ways out, for workers. */
@Module({
  imports: [ProvidersModule],
  providers: [SandboxMailRepository, SandboxTransport, Transports],
  exports: [Transports],
})
export class TransportsModule {}
