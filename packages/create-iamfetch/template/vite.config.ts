import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const stack = `http://127.0.0.1:${process.env.STACK_PORT ?? '9400'}`

export default defineConfig({
  plugins: [react()],
  build: { chunkSizeWarningLimit: 700 },
  // A deployment serves a config.json next to the page; here the local stack provides it.
  server: { host: '127.0.0.1', proxy: { '/config.json': stack } },
})
