import { existsSync, statSync } from 'node:fs'

/** Whether a path is a template, and not a definition. In a separate file, because the code that reads templates takes 40 ms to load. */
export const isTemplatePath = (path: string): boolean =>
  /\.(ya?ml|json|template)$/i.test(path) || (existsSync(path) && statSync(path).isDirectory())
