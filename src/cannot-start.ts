/** Exit codes of sysexits.h, as init systems and orchestrators know them. */
export const EX_UNAVAILABLE = 69;
export const EX_SOFTWARE = 70;
export const EX_CONFIG = 78;

/** The service cannot run as it is set up. The message is one sentence for the operator. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart';

  constructor(
    sentence: string,
    readonly exitCode: number,
  ) {
    super(sentence);
  }
}
