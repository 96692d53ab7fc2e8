import { defineConfig } from 'vitepress'
import { menu } from '../build/menu.ts'

/** The site. `DOCS_BASE` is the path that it is served under; it asks nothing of any other host. */
export default defineConfig({
  title: 'iamfetch',
  description: 'fetch for APIs that IAM guards',
  lang: 'en',
  base: process.env['DOCS_BASE'] ?? '/',
  srcDir: '.pages',
  outDir: 'dist',
  cacheDir: '.cache',
  head: [['meta', { name: 'referrer', content: 'no-referrer' }]],
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
  },
  vite: {
    // The workspace's packages are taken from their sources, as everywhere in the repository.
    resolve: { conditions: ['@iamfetch/source'] },
    ssr: { noExternal: [/^@iamfetch\//], resolve: { conditions: ['@iamfetch/source'] } },
    server: { fs: { allow: ['..'] } },
    build: { chunkSizeWarningLimit: 1500 },
  },
})
