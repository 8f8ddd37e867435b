import { Module } from '@nestjs/common';
import { SandboxMailRepository } from './sandbox/sandbox-mail.repository.js';
import { SandboxTransport } from './sandbox/sandbox-transport.js';
import { Transports } from './transports.js';

/** The ways out, for workers. */
@Module({
  providers: [SandboxMailRepository, SandboxTransport, Transports],
  exports: [Transports],
})
export class TransportsModule {}
