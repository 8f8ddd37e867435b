/** Where the private half of a key is kept, as its seal has it. */
export const dkimKeyPlace = (id: string): string => `dkim_key.${id}`;
