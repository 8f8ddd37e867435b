/**
 * `npm run bench [-- <suite> …]`: what can be measured, each with a program and options of its own.
 *
 *   npm run bench                                       speed, against what teams use otherwise
 *   npm run bench -- lanes --pending 1000000            codes while bulk mail is sent
 *   npm run bench -- destinations                       mail while one destination is ill
 *   npm run bench -- outage --seconds 300               a provider that goes away and comes back
 *   npm run bench -- depth --pending 1000000 --past 10000000   the cost of a message in a full house
 */
const SUITES: Readonly<Record<string, () => Promise<unknown>>> = {
  speed: () => import('./speed.ts'),
  lanes: () => import('./lanes.ts'),
  destinations: () => import('./destinations.ts'),
  outage: () => import('./outage.ts'),
  depth: () => import('./depth.ts'),
};

const [first = ''] = process.argv.slice(2);
const name = first === '' || first.startsWith('-') ? 'speed' : first;
const suite = SUITES[name];
if (suite === undefined) {
  process.stderr.write(`There is no suite ${name}; there are ${Object.keys(SUITES).join(', ')}.\n`);
  process.exitCode = 1;
} else await suite();
