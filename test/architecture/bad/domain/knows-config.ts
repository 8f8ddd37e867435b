import { config } from '../config/config.js';
export const x = config;
