import { defineEnum } from '../define-enum.js';

export const HandOverStageEnum = defineEnum(
  'HandOverStage',
  'How far a hand-over got. Until DATA nothing of the message has left the service.',
  {
    CONNECT: 'Reaching the provider.',
    GREETING: 'Waiting for its greeting.',
    EHLO: 'Introducing ourselves.',
    TLS: 'Encrypting the connection.',
    AUTH: 'Logging in.',
    MAIL: 'Naming the envelope sender.',
    RCPT: 'Naming the recipient.',
    DATA: 'Asking to send the message.',
    BODY: 'Sending the message.',
    FINAL_REPLY: 'Waiting for the reply after the last byte: only here can an outcome be in doubt.',
  },
);
