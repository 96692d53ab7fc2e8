import { defaultClientConditions, defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  // The packages of this repository are bundled from their sources, so nothing has to be built before.
  resolve: { conditions: ['@iamfetch/source', ...defaultClientConditions] },
  build: { chunkSizeWarningLimit: 900 },
})
