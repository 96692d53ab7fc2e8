import * as query from '@tanstack/react-query'
import { version } from 'react'
import { inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    readonly react: string
    readonly query: string[]
  }
}

// The tests would also pass with the repository's own versions.
if (version !== inject('react')) {
  throw new Error(`The tests use React ${version}, expected ${inject('react')}.`)
}
if (Object.keys(query).toSorted().join() !== inject('query').join()) {
  throw new Error('The tests use another version of TanStack Query than the folder has.')
}
