import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';

type SendCommand = (this: SMTPConnection, command: string, logged?: string) => void;
type CreateSendStream = (this: SMTPConnection, callback: (error: Error | null, reply: string) => void) => Writable;

/** What the class does not show, by the names it has there. */
const inherited = SMTPConnection.prototype as unknown as {
  readonly _sendCommand: SendCommand;
  readonly _createSendStream: CreateSendStream;
};

/** What is about to be written for the message in hand. */
interface Expected {
  readonly to: string;
  readonly smtpUtf8: boolean;
  /** The body is handed in whole and not in slices. */
  readonly inOnePiece: boolean;
}

/**
 * nodemailer's connection with a last look at what it writes. The class has no public hook for it;
 * the version is pinned and the contract suite reads the commands back from the wire.
 */
export class WireConnection extends SMTPConnection {
  expected: Expected | undefined;

  /** Called by nodemailer for every command. */
  _sendCommand(command: string, logged?: string): void {
    if (this.#namesAnother(command)) this.close();
    else inherited._sendCommand.call(this, this.#withKeyword(command), logged);
  }

  /**
   * Called by nodemailer when the relay is ready for the body. Body and final dot leave as one
   * segment where they fit: two cost the worker and the relay a tenth more.
   */
  _createSendStream(callback: Parameters<CreateSendStream>[0]): Writable {
    const { _socket: socket } = this as unknown as { readonly _socket: Socket };
    if (this.expected?.inOnePiece === true) {
      socket.cork();
      setImmediate(() => socket.uncork());
    }
    return inherited._createSendStream.call(this, callback);
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
