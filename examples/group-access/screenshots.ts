// Takes the pictures that the READMEs show: `npm run screenshots --workspace group-access`.
import { chromium } from 'playwright'
import { createServer, mergeConfig } from 'vite'
import { chromiumFlags, findChromium } from '@iamfetch/testing/chromium'
import { startWithPortal } from './portal/start.ts'
import { configJson } from './serve.ts'
import base from './vite.config.ts'

const folder = process.argv[2] ?? `${import.meta.dirname}/screenshots`
const executablePath = await findChromium()
const browser = await chromium.launch({
  ...(executablePath && { executablePath }),
  args: chromiumFlags,
})
const stack = await startWithPortal()
const server = await createServer(
  mergeConfig(base, {
    configFile: false,
    logLevel: 'warn',
    plugins: [configJson(stack)],
    server: { host: '127.0.0.1', port: 0 },
  }),
)
await server.listen()
try {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 360]) {
      const page = await browser.newPage({ colorScheme, viewport: { width, height: 720 } })
      await page.goto(server.resolvedUrls!.local[0]!)
      await page.getByLabel('Username').waitFor()
      const size = width === 360 ? '-360' : ''
      await page.getByLabel('Username').fill('bob')
      await page.getByLabel('Password').fill(stack.users.bob.password)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('button', { name: 'GET /test' }).click()
      await page.getByText('200 allowed').waitFor()
      await page.getByRole('button', { name: 'Try it anyway' }).click()
      await page.getByText('403 refused').waitFor()
      await page.getByText('Details', { exact: true }).click()
      await page.screenshot({ path: `${folder}/bob-${colorScheme}${size}.png`, fullPage: true })
      await page.getByRole('link', { name: 'API keys' }).click()
      for (const label of ['dashboard', 'nightly export']) {
        await page.getByLabel('Label').fill(label)
        await page.getByRole('button', { name: 'Create key' }).click()
        await page.getByText(`Copy the secret of “${label}” now`).waitFor()
      }
      await page.getByLabel('Key nightly export').first().waitFor()
      // A picture must not show a secret, not even one that no longer works.
      await page.getByTestId('secret').evaluate((secret) => {
        secret.textContent = '•'.repeat(secret.textContent.length)
      })
      await page.screenshot({ path: `${folder}/keys-${colorScheme}${size}.png`, fullPage: true })
      for (const label of ['dashboard', 'nightly export']) {
        await page.getByRole('button', { name: `Revoke “${label}”` }).click()
        await page.getByRole('button', { name: 'Revoke it' }).click()
        await page.getByText(`“${label}” is revoked`).waitFor()
      }
      await page.close()
    }
  }
} finally {
  await Promise.all([browser.close(), server.close(), stack.stop()])
}
