// Who may import what. The table is the one in docs/architecture.md; a test breaks every rule once
// (test/architecture), because a checker that cruised nothing is green too.
const platform = ['domain', 'config', 'telemetry', 'database'];
const allowed = {
  domain: [],
  config: ['domain'],
  telemetry: ['config', 'domain'],
  database: ['config', 'domain', 'telemetry'],
  graphql: ['config', 'domain', 'telemetry', 'database'],
  auth: [...platform, 'graphql'],
  throttling: [...platform, 'auth', 'graphql'],
  messages: [...platform, 'auth', 'graphql'],
  suppression: [...platform, 'auth', 'graphql'],
  templates: [...platform, 'auth', 'graphql'],
  dns: ['domain', 'config'],
  identities: [...platform, 'dns', 'auth', 'graphql'],
  events: [...platform, 'messages', 'suppression', 'auth', 'graphql'],
  webhooks: [...platform, 'events', 'auth', 'graphql'],
  sending: [...platform, 'events', 'messages', 'suppression', 'templates', 'identities', 'throttling', 'dns', 'auth', 'graphql'],
  // Of sending only who the providers are: how their news are checked is part of their settings.
  feedback: [...platform, 'events', 'messages', 'suppression', 'auth', 'graphql', 'sending/providers'],
  retention: [...platform, 'messages', 'events'],
  health: ['auth', 'database', 'domain', 'config', 'events', 'graphql', 'messages', 'sending', 'telemetry'],
};
const folders = Object.keys(allowed);
const root = process.env.CRUISE_ROOT ?? 'src';
const at = (path) => `^${root}/${path}`;

const layers = folders.map((folder) => ({
  name: `layer-${folder}`,
  severity: 'error',
  comment: `${folder} may import: ${allowed[folder].join(', ') || 'nothing'}.`,
  from: { path: at(`${folder}/`), pathNot: '\\.spec\\.ts$' },
  to: { path: at(''), pathNot: at(`(${[folder, ...allowed[folder]].join('|')})/`) },
}));

/** Only files whose path matches `within` may import `what`. */
const fence = (name, what, within, comment) => ({
  name: `fence-${name}`,
  severity: 'error',
  comment,
  from: { path: at(''), pathNot: within },
  to: { path: what },
});

module.exports = {
  forbidden: [
    ...layers,
    { name: 'no-cycles', severity: 'error', comment: 'With ESM a cycle is a crash at start.', from: {}, to: { circular: true } },
    {
      name: 'known-folders',
      severity: 'error',
      comment: 'A new folder in src/ needs a line in the table first.',
      from: { path: at('[^/]+/'), pathNot: [at(`(${folders.join('|')}|explorer)/`)] },
      to: {},
    },
    {
      name: 'domain-is-pure',
      severity: 'error',
      comment: 'The domain knows no library; of Node only crypto, url and buffer.',
      from: { path: at('domain/'), pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'core'], pathNot: '^(node:)?(crypto|url|buffer)$' },
    },
    fence('typeorm', 'node_modules/typeorm', '(\\.entity|\\.repository|\\.module)\\.ts$|/database/', 'SQL and rows have their places.'),
    fence('graphql', 'node_modules/@nestjs/graphql', '(\\.resolver|\\.type|\\.input|\\.args|\\.scalar|\\.module)\\.ts$|/(graphql|auth)/|\\.spec\\.ts$', 'GraphQL stays at the edge.'),
    fence('nodemailer', 'node_modules/(nodemailer|smtp-server)', '/sending/transports/', 'Only transports speak SMTP.'),
    {
      name: 'edges-are-leaves',
      severity: 'error',
      comment: 'Only a module (or the list the schema is printed from) imports a resolver or a controller.',
      from: { path: at(''), pathNot: '\\.module\\.ts$|schema-resolvers\\.ts$|\\.spec\\.ts$' },
      to: { path: '\\.(resolver|controller)\\.ts$' },
    },
    { name: 'no-barrels', severity: 'error', comment: 'Import the file that holds the thing.', from: {}, to: { path: at('(|.*/)index\\.ts$') } },
    {
      name: 'no-junk-drawers',
      severity: 'error',
      comment: 'A folder is named after what it is about.',
      from: {},
      to: { path: '^(src|test/architecture/bad)/(|.*/)(common|shared|utils|util|helpers|helper|misc|lib|core)/' },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      comment: 'A file nobody imports is dead.',
      from: { orphan: true, path: at(''), pathNot: '\\.spec\\.ts$|\\.d\\.ts$|/main\\.ts$|/explorer/' },
      to: {},
    },
    { name: 'src-knows-no-tests', severity: 'error', comment: 'Tests depend on the code, not the other way.', from: { path: at(''), pathNot: '\\.spec\\.ts$' }, to: { path: '^(test|bench|chaos)/(?!architecture/bad)' } },
    {
      name: 'no-dev-dependencies',
      severity: 'error',
      comment: 'What production runs must be a dependency.',
      from: { path: at(''), pathNot: '\\.spec\\.ts$|/explorer/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: 'node_modules/@types/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|src/explorer)/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'], extensions: ['.ts', '.js', '.d.ts'] },
  },
};
