import SMTPConnection from 'nodemailer/lib/smtp-connection';

type SendCommand = (this: SMTPConnection, command: string, logged?: string) => void;

/** What is about to be written for the message in hand. */
interface Expected {
  readonly to: string;
  readonly smtpUtf8: boolean;
}

/**
 * nodemailer's connection with a last look at what it writes. The class has no public hook for it;
 * the version is pinned and the contract suite reads the commands back from the wire.
 */
export class WireConnection extends SMTPConnection {
  expected: Expected | undefined;

  /** Called by nodemailer for every command. */
  _sendCommand(command: string, logged?: string): void {
    const inherited = (SMTPConnection.prototype as unknown as { _sendCommand: SendCommand })._sendCommand;
    if (this.#namesAnother(command)) this.close();
    else inherited.call(this, this.#withKeyword(command), logged);
  }

  /**
   * The recipient on the wire is the one that was authorised: one envelope string has been turned
   * into two recipients by address parsers before.
   */
  #namesAnother(command: string): boolean {
    return this.expected !== undefined && command.startsWith('RCPT TO:') && command !== `RCPT TO:<${this.expected.to}>`;
  }

  /**
   * nodemailer asks for SMTPUTF8 when an address of the envelope needs it, but a header may need it
   * too (RFC 6531 section 3.4).
   */
  #withKeyword(command: string): string {
    const missing =
      this.expected?.smtpUtf8 === true && command.startsWith('MAIL FROM:') && !/ SMTPUTF8( |$)/.test(command);
    return missing ? `${command} SMTPUTF8` : command;
  }
}
