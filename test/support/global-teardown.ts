async function globalTeardown(): Promise<void> {
  const { stopTestServer } = await import('./test-server.js');
  await stopTestServer();
}

// oxlint-disable-next-line import/no-default-export -- jest asks for one
export { globalTeardown as default };
