import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import { createRoot } from 'react-dom/client';
import { EXAMPLE_TABS, HEADERS } from './example-tabs.ts';
import './explorer.css';

// Subscriptions send the headers as connection parameters, which is where the service looks for the key.
const fetcher = createGraphiQLFetcher({
  url: '/graphql',
  subscriptionUrl: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`,
});

const root = document.getElementById('explorer');
if (root === null) throw new Error('the page has no place for the explorer');

createRoot(root).render(
  <GraphiQL
    fetcher={fetcher}
    defaultTabs={EXAMPLE_TABS}
    defaultHeaders={HEADERS}
    defaultEditorToolsVisibility="headers"
  >
    <GraphiQL.Logo>
      <span className="explorer-name">
        Postern
        <a href="/inbox">Inbox</a>
        <a href="/docs/errors">Errors</a>
      </span>
    </GraphiQL.Logo>
  </GraphiQL>,
);
