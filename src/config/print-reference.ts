import { writeFileSync } from 'node:fs';
import { configurationPage, errorsPage } from './reference-pages.js';

/** `npm run docs`: prints the reference pages from the code. */
writeFileSync('docs/configuration.md', configurationPage());
writeFileSync('docs/errors.md', errorsPage());
