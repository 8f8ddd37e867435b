import { describe, expect, it } from '@jest/globals';
import { SmtpTransport } from '../../../src/sending/transports/smtp/smtp-transport.js';
import type { HandOverResult } from '../../../src/sending/transports/transport.js';
import { FaultySmtpServer } from '../../support/faulty-smtp-server.js';
import { outgoing, testEnvelope } from '../../support/outgoing-mail.js';
import { handOverCase } from '../../support/hand-over-case.js';
import { FAULT_CASES, type FaultCase, SINGLE_FAULT_CASES, SMALL_MAIL } from '../../support/smtp-fault-cases.js';
import { testSmtpSettings } from '../../support/smtp-settings.js';
import { RELAY_TLS, TEST_CA } from '../../support/tls-fixture.js';

/** A slot may be held for all deadlines on the way, and this much longer on a busy machine. */
const AIR_MS = 2500;

/** The same relay, spoken to over TLS from the first byte. */
function overTls({ script, settings, ...test }: FaultCase): FaultCase {
  const secured = { ...settings, secure: true, tls: 'required', ca: TEST_CA } as const;
  return { ...test, script: { ...script, tls: RELAY_TLS, implicitTls: true }, settings: secured };
}

/** What the relay counted agrees with what is said to be certain; in doubt it may be either. */
function expectAgreement(result: HandOverResult, complete: number): void {
  if (result.outcome === 'accepted') expect(complete).toBe(1);
  // A message that was complete was not taken only if the relay itself said so behind its end.
  else if (result.outcome !== 'in_doubt' && result.stage !== 'FINAL_REPLY') expect(complete).toBe(0);
}

describe('SmtpTransport meets a faulty relay', () => {
  const plain = [...FAULT_CASES, ...SINGLE_FAULT_CASES];
  const secured = FAULT_CASES.filter(({ script }) => script.at !== 'starttls').map(overTls);

  describe.each([
    ['plain', plain],
    ['over TLS', secured],
  ])('%s', (_, cases) => {
    it.concurrent.each(cases)('$name', async ({ expected, code, ...test }) => {
      const { result, late, complete, connections } = await handOverCase(test);

      expect([result.outcome, 'stage' in result ? result.stage : undefined]).toEqual(expected);
      if (code !== undefined) expect('reply' in result ? result.reply?.code : undefined).toBe(code);
      expectAgreement(result, complete);
      expect(late).toBeLessThan(AIR_MS);
      expect(connections).toBe(1);
    });
  });

  it('says CONNECT when nobody listens', async () => {
    const server = await FaultySmtpServer.start({ at: 'greeting', fault: 'hang' });
    const { port } = server;
    await server.close();
    const transport = new SmtpTransport(testSmtpSettings({ port }));
    expect(await transport.handOver(testEnvelope(), outgoing(SMALL_MAIL))).toEqual({
      outcome: 'deferred',
      stage: 'CONNECT',
      reply: undefined,
      note: 'ECONNREFUSED',
    });
  });
});
