import { chromiumFlags, findChromium } from '@iamfetch/testing/chromium'
import { defineConfig } from '@playwright/test'

const executablePath = await findChromium()

const config: ReturnType<typeof defineConfig> = defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  workers: 2,
  fullyParallel: true,
  reporter: 'json',
  use: {
    launchOptions: { ...(executablePath && { executablePath }), args: chromiumFlags },
  },
})

export default config
