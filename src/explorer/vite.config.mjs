import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// Everything the page needs is in the bundle: the service serves it under a policy that allows no
// other host, and works without a network.
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/graphiql/',
  plugins: [react()],
  worker: { format: 'es' },
  build: {
    outDir: fileURLToPath(new URL('../../dist/src/explorer', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    // A file below this size would become a data: address, which the policy allows for fonts and images only.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 6000,
    // The editor's files carry hints for another compiler.
    rolldownOptions: { onwarn: (warning, warn) => warning.code === 'MODULE_LEVEL_DIRECTIVE' || warn(warning) },
  },
});
