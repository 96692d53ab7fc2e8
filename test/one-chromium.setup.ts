import { chromium } from 'playwright'
import type { TestProject } from 'vitest/node'
import { chromiumFlags, findChromium } from '@iamfetch/testing/chromium'

/** Starts one Chromium for all pages of a run; `openChromium` connects to it. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const executablePath = await findChromium()
  const server = await chromium.launchServer({
    ...(executablePath && { executablePath }),
    args: chromiumFlags,
    host: '127.0.0.1',
  })
  provide('chromium', server.wsEndpoint())
  return () => server.close()
}
