import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'vite'
import type { TestProject } from 'vitest/node'

/** A build as it is deployed, and one with what is there in development only. */
export const PAGES = ['production', 'development'] as const

declare module 'vitest' {
  interface ProvidedContext {
    /** The folders with the builds of this example's page. */
    groupAccessPages: Record<(typeof PAGES)[number], string>
  }
}

/** Builds the page, once for all tests of a run. */
export default async function setup({ provide }: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'group-access-'))
  const outDir = (name: string): string => join(folder, name)
  // Vite reads it for `import.meta.env.DEV`, and Vitest has set it to "test".
  const before = process.env.NODE_ENV
  try {
    for (const name of PAGES) {
      process.env.NODE_ENV = name
      await build({
        configFile: join(import.meta.dirname, '../vite.config.ts'),
        mode: name,
        logLevel: 'warn',
        build: { outDir: outDir(name), emptyOutDir: true },
      })
    }
  } finally {
    process.env.NODE_ENV = before
  }
  provide('groupAccessPages', {
    production: outDir('production'),
    development: outDir('development'),
  })
  return () => rmSync(folder, { recursive: true, force: true })
}
