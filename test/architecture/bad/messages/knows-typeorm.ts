import { DataSource } from 'typeorm';
export const x = DataSource;
