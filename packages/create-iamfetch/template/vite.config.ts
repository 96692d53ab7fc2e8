import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const stack = `http://127.0.0.1:${process.env.STACK_PORT ?? '9400'}`

export default defineConfig({
  plugins: [react()],
  build: { chunkSizeWarningLimit: 700 },
  // Deployed, a config.json lies beside the page; here the local stack tells it.
  server: { host: '127.0.0.1', proxy: { '/config.json': stack } },
})
