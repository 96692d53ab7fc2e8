import { chromium, type Browser } from 'playwright'
import { inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the run's Chromium takes connections. */
    chromium: string
  }
}

/**
 * Connects to the Chromium of the run, which `one-chromium.setup.ts` started.
 *
 * Each connection sees only its own contexts; closing it ends those, and leaves Chromium to the others.
 */
export const openChromium = (): Promise<Browser> => chromium.connect(inject('chromium'))
