import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

// jest's own mapping of ".js" to ".ts" does not reach the files it loads before the tests.
registerHooks({
  resolve(specifier, context, next) {
    const from = context.parentURL;
    if (
      specifier.startsWith('.') &&
      specifier.endsWith('.js') &&
      from !== undefined &&
      !from.includes('/node_modules/')
    ) {
      const source = `${specifier.slice(0, -3)}.ts`;
      if (existsSync(fileURLToPath(new URL(source, from)))) return next(source, context);
    }
    return next(specifier, context);
  },
});

async function globalSetup(): Promise<void> {
  const { startTestServer } = await import('./test-server.js');
  await startTestServer();
}

// oxlint-disable-next-line import/no-default-export -- jest asks for one
export { globalSetup as default };
