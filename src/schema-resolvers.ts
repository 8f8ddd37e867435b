import type { Type } from '@nestjs/common';
import { ApiKeyResolver } from './auth/api-key.resolver.js';
import { EventsResolver } from './events/events.resolver.js';
import { MessageHistoryResolver, RecipientHistoryResolver } from './events/history.resolver.js';
import { SenderDomainResolver } from './identities/register/sender-domain.resolver.js';
import { AttachmentResolver } from './messages/attachment.resolver.js';
import { MessageContentResolver } from './messages/message-content.resolver.js';
import { MessageResolver } from './messages/message.resolver.js';
import { RecipientResolver } from './messages/recipient.resolver.js';
import { ChangeMessageResolver } from './sending/accept/change-message.resolver.js';
import { SendMessageResolver } from './sending/accept/send-message.resolver.js';
import { LaneResolver } from './sending/lanes/lane.resolver.js';
import { ProviderResolver } from './sending/providers/administration/provider.resolver.js';
import { RouteResolver } from './sending/providers/administration/route.resolver.js';
import { ScorecardResolver } from './sending/scorecard/scorecard.resolver.js';
import { SandboxMailResolver } from './sending/transports/sandbox/sandbox-mail.resolver.js';

/** Every resolver of the API: what the schema is printed from without starting the service. */
export const SCHEMA_RESOLVERS: readonly Type[] = [
  ApiKeyResolver,
  AttachmentResolver,
  ChangeMessageResolver,
  EventsResolver,
  LaneResolver,
  MessageContentResolver,
  MessageHistoryResolver,
  MessageResolver,
  ProviderResolver,
  RecipientHistoryResolver,
  RecipientResolver,
  RouteResolver,
  SandboxMailResolver,
  ScorecardResolver,
  SenderDomainResolver,
  SendMessageResolver,
];
