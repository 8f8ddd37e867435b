import { REASON_CLASSES, type ReasonClass } from '../../domain/bounce-class.js';
import { defineEnum } from '../define-enum.js';

export const ReasonClassEnum = defineEnum<ReasonClass>(
  'ReasonClass',
  'Why a hand-over was put off or refused. Later releases may add values.',
  REASON_CLASSES,
);
