import { readFileSync } from 'node:fs'
import { run } from './run.ts'

const file = new URL('../../package.json', import.meta.url)
const { version }: { version: string } = JSON.parse(readFileSync(file, 'utf8'))
process.exitCode = await run(process.argv.slice(2), { version })
