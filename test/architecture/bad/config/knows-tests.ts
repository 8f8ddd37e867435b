import { helper } from '../../../support/wait-for.js';
export const y = helper;
