import { x } from './index.js';
export const y = x;
