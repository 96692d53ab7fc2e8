import { defineConfig } from 'vitepress'
import { menu } from '../build/menu.ts'

/**
 * Holds the browser to what the signing page promises: what is typed there goes to no other host. VitePress writes
 * scripts and styles of its own into each page.
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

/** The site. `DOCS_BASE` is the path that it is served under; it asks nothing of any other host. */
export default defineConfig({
  title: 'iamfetch',
  description: 'fetch for APIs that IAM guards',
  lang: 'en',
  base: process.env['DOCS_BASE'] ?? '/',
  srcDir: '.pages',
  outDir: 'dist',
  cacheDir: '.cache',
  // Themes whose every colour has contrast enough on the block's background; axe looks.
  markdown: { theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' } },
  head: [
    ['meta', { 'http-equiv': 'Content-Security-Policy', content: CSP }],
    ['meta', { name: 'referrer', content: 'no-referrer' }],
  ],
  themeConfig: {
    sidebar: menu,
    nav: [
      { text: 'Tasks', link: '/tasks/react' },
      { text: 'Error codes', link: '/errors' },
      { text: 'Reference', link: '/reference/' },
      { text: 'Sign a request', link: '/sign' },
    ],
    outline: { level: [2, 3] },
    search: { provider: 'local' },
    notFound: {
      title: 'There is no such page',
      quote: 'It may have moved. The search above knows every page there is.',
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
