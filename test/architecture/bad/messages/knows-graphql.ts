import { Query } from '@nestjs/graphql';
export const x = Query;
