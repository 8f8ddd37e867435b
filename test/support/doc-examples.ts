/** A step of a documentation page, in the order of the page. */
export type Step =
  | { readonly kind: 'run'; readonly language: string; readonly code: string; readonly line: number }
  | { readonly kind: 'background'; readonly code: string; readonly line: number }
  | { readonly kind: 'save'; readonly file: string; readonly code: string; readonly line: number }
  | {
      readonly kind: 'prints';
      readonly background: boolean;
      readonly language: string;
      readonly text: string;
      readonly line: number;
    };

// A comment says what is to be done with the fenced block right below it; both may be indented as part of a list.
const MARKED =
  /^( *)<!-- (run|run in background|save (\S+)|prints|prints in background) -->\n *```(\w+)\n([^]*?)\n *```$/gm;

/** The blocks of a page that are marked as runnable, and what they are said to print. */
export function examplesOf(page: string): Step[] {
  return [...page.matchAll(MARKED)].map(([, indent = '', what = '', file = '', language = '', body = ''], n): Step => {
    const code = body.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
    const line = lineOf(page, n);
    if (what === 'run') return { kind: 'run', language, code, line };
    if (what === 'run in background') return { kind: 'background', code, line };
    if (what.startsWith('save')) return { kind: 'save', file, code, line };
    return { kind: 'prints', background: what.endsWith('background'), language, text: code, line };
  });
}

function lineOf(page: string, n: number): number {
  const index = [...page.matchAll(MARKED)][n]?.index ?? 0;
  return page.slice(0, index).split('\n').length;
}

/** Whether an output is as the page says. `…` stands for any text; JSON may be laid out in any way. */
export function isAsSaid(language: string, said: string, output: string): boolean {
  if (language === 'json') return matches(plain(JSON.parse(said)), plain(JSON.parse(output)));
  const lines = output.split('\n').map((line) => line.trimEnd());
  let from = 0;
  return said.split('\n').every((line) => {
    const at = lines.findIndex((candidate, i) => i >= from && matches(line, candidate));
    from = at + 1;
    return at >= 0;
  });
}

function plain(value: unknown): string {
  return JSON.stringify(value);
}

function matches(pattern: string, text: string): boolean {
  const parts = pattern.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(text);
}

/** The table between `<!-- table: name -->` and `<!-- end -->`. */
export function tableIn(page: string, name: string): string {
  const found = new RegExp(`<!-- table: ${name} -->\\n([^]*?)\\n? *<!-- end -->`).exec(page)?.[1];
  if (found === undefined) throw new Error(`the page has no table ${name}`);
  return found;
}

/** The anchors of a page, as the usual renderers make them of its headings. */
export function anchors(page: string): string[] {
  return [...page.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}
