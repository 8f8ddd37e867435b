// The little of curl that the documentation uses, for machines that have none: -s -S -N -f -H -d and a URL.
import { readFileSync } from 'node:fs';

const headers = new Headers({ accept: '*/*' });
let url;
let data;
let failOnStatus = false;
const args = process.argv.slice(2);
for (let arg = args.shift(); arg !== undefined; arg = args.shift()) {
  if (!arg.startsWith('-')) url = arg;
  else if (arg.startsWith('--')) throw new Error(`curl stand-in: ${arg} is not known`);
  else {
    for (const flag of arg.slice(1)) {
      if (flag === 'H') {
        const [name, ...value] = (args.shift() ?? '').split(':');
        headers.set(name, value.join(':').trim());
      } else if (flag === 'd') {
        const given = args.shift() ?? '';
        data = given.startsWith('@') ? readFileSync(given === '@-' ? 0 : given.slice(1)) : given;
        if (!headers.has('content-type')) headers.set('content-type', 'application/x-www-form-urlencoded');
      } else if (flag === 'f') failOnStatus = true;
      else if (!'sSN'.includes(flag)) throw new Error(`curl stand-in: -${flag} is not known`);
    }
  }
}
const target = url.includes('://') ? url : `http://${url}`;
const response = await fetch(target, { method: data === undefined ? 'GET' : 'POST', headers, body: data });
if (failOnStatus && response.status >= 400) process.exit(22);
for await (const chunk of response.body ?? []) process.stdout.write(chunk);
