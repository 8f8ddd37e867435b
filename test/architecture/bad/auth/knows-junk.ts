import { thing } from './utils/thing.js';
export const y = thing;
