// `npm run docs` and `npm run docs:build`, once the dependencies are there.
import { build, createServer } from 'vitepress'
import { join, relative } from 'node:path'
import { watchPages, writePages } from './pages.ts'

const docs = join(import.meta.dirname, '..')
const [command, ...flags] = process.argv.slice(2)
await writePages()
if (command === 'build') {
  await build(docs)
  const dist = join(docs, 'dist')
  console.log(
    `The site is in ${relative(process.cwd(), dist)}. Serve this folder with any host of static files.`,
  )
} else {
  const at = flags.indexOf('--port')
  const server = await createServer(docs, at < 0 ? {} : { port: Number(flags[at + 1]) })
  await server.listen()
  server.printUrls()
  watchPages()
}
