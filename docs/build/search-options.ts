/**
 * How the site's search ranks. Users paste whole messages, so exact words count far more than similar ones, and a title not more
 * than a text: with MiniSearch's defaults, long pages with many common words came first. `docs/test/mistakes.ts` has the messages
 * that were measured.
 *
 * Without functions: VitePress would send them to the browser as text, and the Content Security Policy forbids to evaluate it.
 *
 * @see [MiniSearch: SearchOptions](https://lucaong.github.io/minisearch/types/MiniSearch.SearchOptions.html)
 */
export const searchOptions = {
  fuzzy: 0.2,
  prefix: true,
  boost: { title: 2, text: 2, titles: 1 },
  weights: { fuzzy: 0.1, prefix: 0.1 },
  bm25: { k: 0.4, b: 0.5, d: 0.1 },
}
