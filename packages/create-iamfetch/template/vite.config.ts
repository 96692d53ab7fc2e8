import { localStack } from '@iamfetch/local/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const { PORT, STACK_PORT } = process.env

export default defineConfig({
  // While you develop, the plugin runs stack.ts and serves config.json next to the page, as a deployment does.
  plugins: [react(), localStack({ port: STACK_PORT })],
  build: { chunkSizeWarningLimit: 700 },
  // A port that you set is used or refused; without it, the next free one is taken.
  server: { host: '127.0.0.1', ...(PORT && { port: Number(PORT), strictPort: true }) },
})
