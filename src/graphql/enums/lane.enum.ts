import type { Lane } from '../../domain/lane.js';
import { defineEnum } from '../define-enum.js';

export const LaneEnum = defineEnum<Lane>(
  'Lane',
  'How urgent a message is. Each lane has workers of its own, so a backlog in one never delays another.',
  {
    OTP: 'One-time codes and everything somebody is waiting for in front of a screen.',
    TRANSACTIONAL: 'Answers to something a person did: receipts, confirmations, password resets.',
    NOTIFICATION: 'News a person asked for, that may come a little later.',
    BULK: 'Newsletters and other mail to many at once.',
  },
);
