import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureRun } from './measure-run.ts';
import type { NextHop } from './next-hop.ts';
import { freePort } from './postgres-server.ts';
import type { Measurement, Workload } from './workload.ts';

const POSTFIX = '/usr/sbin/postfix';
const SMTP_SOURCE = '/usr/sbin/smtp-source';
const SESSIONS = 10;

/** Postfix starts as root only. */
export const postfixInstalled = (): boolean =>
  existsSync(POSTFIX) &&
  existsSync(SMTP_SOURCE) &&
  existsSync('/etc/postfix/master.cf.proto') &&
  process.getuid?.() === 0;

/** Postfix with an instance of its own: mail in by smtp-source, synced to its queue, out to the sink. */
export class PostfixSystem {
  readonly name = 'Postfix';
  private readonly hop: NextHop;
  private readonly folder: string;
  private readonly port: number;

  private constructor(hop: NextHop, folder: string, port: number) {
    this.hop = hop;
    this.folder = folder;
    this.port = port;
  }

  static async start(hop: NextHop): Promise<PostfixSystem> {
    const folder = mkdtempSync(join(tmpdir(), 'postern-postfix-'));
    execFileSync('chmod', ['755', folder]);
    const port = await freePort();
    for (const name of ['config', 'queue', 'data']) mkdirSync(join(folder, name));
    const uid = Number(execFileSync('id', ['-u', 'postfix']).toString());
    chownSync(join(folder, 'data'), uid, 0);
    writeFileSync(join(folder, 'config', 'main.cf'), mainConfig(folder, hop.port));
    writeFileSync(join(folder, 'config', 'master.cf'), masterConfig(port));
    if (!existsSync('/etc/postfix/main.cf')) {
      // Postfix insists on a default instance that knows of the others.
      writeFileSync('/etc/postfix/main.cf', 'inet_interfaces = loopback-only\ncompatibility_level = 3.6\n');
    }
    execFileSync('postconf', ['-c', '/etc/postfix', '-e', `alternate_config_directories = ${join(folder, 'config')}`]);
    execFileSync(POSTFIX, ['-c', join(folder, 'config'), 'start'], { stdio: 'ignore' });
    return new PostfixSystem(hop, folder, port);
  }

  measure(work: Workload): Promise<Measurement> {
    const master = Number(readFileSync(join(this.folder, 'queue', 'pid', 'master.pid'), 'utf8'));
    return measureRun({
      system: this.name,
      work,
      hop: this.hop,
      processes: { postfix: master },
      load: async () => {
        await this.inject(work);
        return [];
      },
    });
  }

  private async inject({ bytes, messages }: Workload): Promise<void> {
    const size = ['-l', String(bytes), '-s', String(SESSIONS), '-m', String(messages)];
    const args = ['-N', '-d', ...size, '-f', 'a@bench.test', '-t', 'b@bench.test', `127.0.0.1:${this.port}`];
    const source = spawn(SMTP_SOURCE, args, { stdio: 'ignore' });
    await new Promise((resolve) => source.once('exit', resolve));
  }

  stop(): Promise<void> {
    execFileSync(POSTFIX, ['-c', join(this.folder, 'config'), 'stop'], { stdio: 'ignore' });
    rmSync(this.folder, { recursive: true, force: true });
    return Promise.resolve();
  }
}

function mainConfig(folder: string, relayPort: number): string {
  return [
    'compatibility_level = 3.6',
    `queue_directory = ${folder}/queue`,
    `data_directory = ${folder}/data`,
    'multi_instance_enable = yes',
    'multi_instance_name = postfix-bench',
    `maillog_file = ${folder}/mail.log`,
    `maillog_file_prefixes = ${folder}`,
    'myhostname = bench.invalid',
    'mydestination =',
    'mynetworks = 127.0.0.0/8',
    'inet_interfaces = 127.0.0.1',
    'inet_protocols = ipv4',
    `relayhost = [127.0.0.1]:${relayPort}`,
    'smtpd_relay_restrictions = permit_mynetworks, reject',
    'smtpd_client_connection_count_limit = 0',
    'in_flow_delay = 0',
    'smtp_tls_security_level = none',
    'smtpd_tls_security_level = none',
    '',
  ].join('\n');
}

/** The distribution's own services, none of them in a chroot, and the listener on our port. */
function masterConfig(port: number): string {
  return readFileSync('/etc/postfix/master.cf.proto', 'utf8')
    .split('\n')
    .map((line) => line.replace(/^(\S+\s+(?:unix|inet|fifo|unix-dgram)\s+\S+\s+\S+\s+)y(\s)/, '$1n$2'))
    .map((line) => line.replace(/^smtp(\s+inet\s)/, `127.0.0.1:${port}$1`))
    .join('\n');
}
