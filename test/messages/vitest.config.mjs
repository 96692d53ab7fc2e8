import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { defineConfig } from 'vitest/config'
import config from '../../vitest.config.mjs'
import { recordMessages } from './record-messages.ts'

// The tests as `npm test` runs them in Node, and those of the CDK constructs, over sources that report their messages.
const plugin = recordMessages()
const recorder = pathToFileURL(join(import.meta.dirname, 'recorder.mjs')).href
process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} --import=${recorder}`
process.env.NODE_COMPILE_CACHE = join(
  import.meta.dirname,
  '../../node_modules/.cache/compiled-messages',
)

/** @param {{ plugins?: object[], test: object }} project A project of `npm test`. */
const recorded = (project) => ({
  ...project,
  plugins: [...(project.plugins ?? []), plugin],
  test: { ...project.test, setupFiles: [join(import.meta.dirname, 'record.setup.ts')] },
})

export default defineConfig({
  root: join(import.meta.dirname, '../..'),
  test: {
    ...config.test,
    projects: config.test.projects
      .filter(({ test }) => test.name === 'node' || test.name === 'infra')
      // Of the CDK stacks those that produce messages: the examples need a page and a Lambda client.
      .map(({ test, ...project }) =>
        test.name === 'infra'
          ? { ...project, test: { ...test, include: ['packages/cdk/test/**/*.test.ts'] } }
          : { ...project, test },
      )
      .map(recorded),
  },
})
