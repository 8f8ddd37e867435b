import { lane } from '../domain/lane.js';
export const y = lane;
