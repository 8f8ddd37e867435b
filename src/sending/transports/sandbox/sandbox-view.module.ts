import { Module } from '@nestjs/common';
import { InboxController } from './inbox.controller.js';
import { SandboxMailRepository } from './sandbox-mail.repository.js';
import { SandboxMailResolver } from './sandbox-mail.resolver.js';

/** What the api shows of the sandbox: the query and the page. */
@Module({
  providers: [SandboxMailRepository, SandboxMailResolver],
  controllers: [InboxController],
})
export class SandboxViewModule {}
