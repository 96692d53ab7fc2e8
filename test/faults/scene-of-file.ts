import type { StackDefinition } from '@iamfetch/local'
import { afterAll } from 'vitest'
import { startScene, type Scene } from './scene.ts'

/** Starts the one scene of a test file, which ends with the file. */
export async function sceneOfFile(definition?: StackDefinition): Promise<Scene> {
  const scene = await startScene(definition)
  afterAll(() => scene.stack.stop())
  return scene
}
