export type SinkAuthMethod = 'PLAIN' | 'LOGIN' | 'XOAUTH2';

export interface SinkAccount {
  readonly user: string;
  /** The access token with XOAUTH2. */
  readonly pass: string;
}

/** AUTH on one connection of a sink (RFC 4954). */
export class SinkLogin {
  #authenticated = false;
  /** Takes the next line, which is no command. */
  #asked: ((line: string) => string) | undefined;

  constructor(
    private readonly account: SinkAccount | undefined,
    readonly methods: readonly SinkAuthMethod[] = ['PLAIN'],
  ) {}

  /** Nothing, or nothing more, is asked before mail is taken. */
  get done(): boolean {
    return this.account === undefined || this.#authenticated;
  }

  /** The reply to a line that was asked for; undefined when none was. */
  answer(line: string): string | undefined {
    const asked = this.#asked;
    this.#asked = undefined;
    return asked?.(line);
  }

  begin(line: string): string {
    const [, method = '', initial = ''] = line.split(' ');
    const { user, pass } = this.account ?? { user: undefined, pass: undefined };
    if (user === undefined || !this.methods.some((one) => one === method)) return '504 5.5.4 not offered\r\n';
    const given = decoded(initial);
    if (method === 'PLAIN') return this.#judge(given === `\0${user}\0${pass}`);
    if (method === 'LOGIN') return this.#askLogin(user, pass);
    if (given === `user=${user}\x01auth=Bearer ${pass}\x01\x01`) return this.#judge(true);
    // The client answers the details with an empty line, and only then hears that it was refused.
    this.#asked = (answer) => (answer === '' ? this.#judge(false) : '501 5.5.2 an empty line was expected\r\n');
    return `334 ${Buffer.from('{"status":"401"}').toString('base64')}\r\n`;
  }

  #askLogin(user: string, pass: string): string {
    this.#asked = (name) => {
      this.#asked = (password) => this.#judge(decoded(name) === user && decoded(password) === pass);
      return '334 UGFzc3dvcmQ6\r\n';
    };
    return '334 VXNlcm5hbWU6\r\n';
  }

  #judge(right: boolean): string {
    this.#authenticated = right;
    return right ? '235 2.7.0 welcome\r\n' : '535 5.7.8 wrong\r\n';
  }
}

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
