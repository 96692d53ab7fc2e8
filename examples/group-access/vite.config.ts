import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  // The packages of this repository are bundled from their sources, so nothing has to be built before.
  resolve: { conditions: ['@iamfetch/source', ...defaultClientConditions] },
  build: { chunkSizeWarningLimit: 700 },
})
