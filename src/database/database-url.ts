/** Injection token of the address of the database: the one given, or the embedded server's. */
export const DATABASE_URL = Symbol('DATABASE_URL');
