import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { CannotStart } from './cannot-start.js';
import { assertCanListen, describeListenError } from './listen-address.js';

describe('assertCanListen', () => {
  it('leaves a free port free', async () => {
    await assertCanListen({ host: '127.0.0.1', port: 0 });
  });

  it('names the port and the variable when it is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      const refused = assertCanListen({ host: '127.0.0.1', port });
      await expect(refused).rejects.toBeInstanceOf(CannotStart);
      await expect(refused).rejects.toThrow(`Port ${port} on 127.0.0.1 is in use`);
      await expect(refused).rejects.toThrow('POSTERN_PORT');
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('names the variable of a host that is not ours', async () => {
    await expect(assertCanListen({ host: '192.0.2.1', port: 0 })).rejects.toThrow('POSTERN_HOST');
  });
});

describe('describeListenError', () => {
  it('leaves alone what it does not know', () => {
    const error = new Error('something else');
    expect(describeListenError(error, { host: '127.0.0.1', port: 1 })).toBe(error);
  });
});
