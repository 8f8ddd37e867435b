/**
 * The value, if it has the form the domain promises. Anything else is a fault of ours: better no
 * mail than one with another structure or to somebody else. The value itself is not told, for it
 * ends in a log.
 */
export function mustMatch(value: string, form: RegExp, what: string): string {
  if (!form.test(value)) throw new TypeError(`The ${what} of the composition is malformed.`);
  return value;
}
