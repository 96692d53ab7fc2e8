import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'vitepress'
import { menu } from '../build/menu.ts'
import { searchOptions } from '../build/search-options.ts'
import { labelCells } from '../build/tables.ts'

/**
 * Lets the browser enforce what the signing page promises: nothing that is typed there is sent to another host. VitePress
 * writes scripts and styles of its own into each page.
 */
const CSP = [
  "default-src 'none'",
  "script-src 'self' 'unsafe-inline'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

const base = process.env['DOCS_BASE'] ?? '/'
const repository = 'https://github.com/iamfetch/iamfetch'
const { version }: { version: string } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../packages/iamfetch/package.json'), 'utf8'),
)

/** The site. `DOCS_BASE` is the path that it is served under; it loads nothing from any other host. */
export default defineConfig({
  title: 'iamfetch',
  description: 'fetch for APIs that IAM guards',
  lang: 'en',
  base,
  srcDir: '.pages',
  outDir: 'dist',
  cacheDir: '.cache',
  // Every colour of these themes has enough contrast on the background of a block; axe checks it.
  markdown: {
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    config: labelCells,
  },
  head: [
    ['meta', { 'http-equiv': 'Content-Security-Policy', content: CSP }],
    ['meta', { name: 'referrer', content: 'no-referrer' }],
    ['link', { rel: 'icon', type: 'image/svg+xml', href: `${base}favicon.svg` }],
  ],
  // The link "Edit this page" leads to the file that the page was written from.
  transformPageData(page) {
    const { source }: { source?: unknown } = page.frontmatter
    if (typeof source === 'string') page.filePath = source
    else page.frontmatter['editLink'] = false
  },
  themeConfig: {
    sidebar: menu,
    nav: [
      { text: 'Getting started', link: '/getting-started' },
      { text: 'Guides', link: '/tasks/react' },
      { text: 'AWS', link: '/aws/' },
      { text: 'Error codes', link: '/errors/' },
      { text: 'Reference', link: '/reference/' },
      { text: 'Sign a request', link: '/sign' },
      { text: `v${version}`, link: `${repository}/blob/main/CHANGELOG.md` },
    ],
    socialLinks: [{ icon: 'github', link: repository }],
    editLink: { pattern: `${repository}/edit/main/:path`, text: 'Edit this page' },
    outline: { level: [2, 3] },
    search: { provider: 'local', options: { miniSearch: { searchOptions } } },
    notFound: {
      title: 'There is no such page',
      quote: 'It may have moved. The search above finds every page.',
      linkText: 'To the start',
      linkLabel: 'To the start',
    },
  },
  vite: {
    // The workspace's packages are taken from their sources, as everywhere in the repository.
    resolve: { conditions: ['@iamfetch/source'] },
    ssr: { noExternal: [/^@iamfetch\//], resolve: { conditions: ['@iamfetch/source'] } },
    server: { fs: { allow: ['..'] } },
    // esbuild, newer here than Vite 5 asks for, no longer lowers code to Vite's old default.
    build: { target: 'es2022', chunkSizeWarningLimit: 1500 },
    optimizeDeps: { esbuildOptions: { target: 'es2022' } },
  },
})
