// What any reader takes for the end of a line, and all other controls.
const CONTROL = /[\p{Cc}\u2028\u2029]/u;

/** The number of characters, where a pair of surrogates is one. */
function characters(text: string): number {
  let pairs = 0;
  for (const character of text) if (character.length === 2) pairs += 1;
  return text.length - pairs;
}

/** What stands in the way of storing or encoding a text, or undefined. */
export function textProblem(text: string): string | undefined {
  if (!text.isWellFormed()) return 'Remove the lone surrogates: the text is not valid Unicode.';
  return text.includes('\0') ? 'Remove the NUL characters.' : undefined;
}

/** The same for a text that has to stay on one line. */
export function lineProblem(text: string): string | undefined {
  return (
    textProblem(text) ??
    (CONTROL.test(text) ? 'Remove the control characters: this is one line, without tabs and newlines.' : undefined)
  );
}

/** What is wrong with the length of a text, or undefined. */
export function lengthProblem(text: string, max: number): string | undefined {
  // Counting is only worth it where the cheap upper bound does not settle it.
  if (text.length <= max) return undefined;
  const count = characters(text);
  return count > max ? `Give at most ${max} characters; these are ${count}.` : undefined;
}
