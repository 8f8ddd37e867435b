import { accept } from '../sending/accept.js';
export const x = accept;
