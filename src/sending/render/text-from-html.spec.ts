import { describe, expect, it } from '@jest/globals';

import { textFromHtml } from './text-from-html.js';

describe('textFromHtml', () => {
  it.each([
    ['paragraphs', '<h1>Hello</h1><p>a &amp; b<br>c</p>', 'Hello\n\na & b\nc'],
    ['links', '<a href="https://x.test/?a=1&amp;b=2">Open</a>', 'Open [https://x.test/?a=1&b=2]'],
    ['a link that shows itself', '<a href="https://x.test">https://x.test</a>', 'https://x.test'],
    ['the text of a picture', '<img alt="Logo" src="cid:logo"> Shop', 'Logo Shop'],
    [
      'rows of a table',
      '<table><tr><td>Tea</td><td>2 €</td></tr><tr><td>Milk</td><td>1 €</td></tr></table>',
      'Tea 2 €\nMilk 1 €',
    ],
    ['lists', '<ul><li>a</li><li>b</li></ul>', '* a\n * b'],
  ])('renders %s', (_, html, text) => {
    expect(textFromHtml(html)?.replace(/ +$/gm, '')).toBe(text);
  });

  it.each(['', '   ', '<img src="x">', '<style>a{}</style><script>b()</script>'])(
    'finds nothing to read in %j',
    (html) => {
      expect(textFromHtml(html)).toBeUndefined();
    },
  );

  it('turns only the beginning of a very long document into text', () => {
    const text = textFromHtml('<p>word</p>'.repeat(50_000));
    expect(text?.endsWith('[...]')).toBe(true);
  });

  it.each(['<div>', '<b></i>', '<table><tr><td>', '<ul><li>', '<', '&', '<!--'])('bears a million times %s', (html) => {
    const started = performance.now();
    textFromHtml(html.repeat(1_000_000));
    expect(performance.now() - started).toBeLessThan(3000);
  });
});
