import { resolver } from './one.resolver.js';
export const x = resolver;
