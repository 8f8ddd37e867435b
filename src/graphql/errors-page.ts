import { type ErrorCode, ERRORS } from '../domain/user-error.js';

const codes = Object.keys(ERRORS) as ErrorCode[];

/** Every error code with what it means and what to do, each at its own anchor. */
export function errorsPage(): string {
  const section = (where: 'payload' | 'top'): string =>
    codes
      .filter((code) => ERRORS[code].where === where)
      .map((code) => {
        const { when, fix, retryable } = ERRORS[code];
        return `<section id="${code}"><h3>${code}</h3><p>${escape(when)}</p><p><b>Fix:</b> ${escape(fix)}</p><p>${
          retryable ? 'The same request may succeed later.' : 'The same request will be refused again.'
        }</p></section>`;
      })
      .join('\n');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Postern: errors</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
  body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem }
  section { border-top: 1px solid #8884; padding: .5rem 0 }
  section:target { border-left: .3rem solid #48c; padding-left: .8rem }
  h3 { font-family: ui-monospace, monospace; margin: 0 }
  p { margin: .2rem 0 }
</style></head><body>
<h1>Errors</h1>
<p>Codes as they stand in <code>userErrors</code> and in <code>extensions.code</code>. Later releases may add some.</p>
<h2>In the payload of a mutation (userErrors)</h2>
${section('payload')}
<h2>In the errors of the response</h2>
${section('top')}
</body></html>
`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
