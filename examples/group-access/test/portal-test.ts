import { expect } from 'vitest'
import type { Locator, Page } from 'playwright'
import { withPortal } from '../portal/access.ts'
import { startWithPortal } from '../portal/start.ts'
import { openPage, pageTest, signIn, type Device } from './page-test.ts'

type Name = 'alice' | 'bob'

/** A test with the built page and a stack with the portal. `portal` has what the tests need of them. */
export const portalTest = pageTest(
  withPortal(() => () => undefined),
  { start: startWithPortal },
)
  .extend<{ pages: Map<Name, Promise<Page>> }>({ pages: [new Map(), { scope: 'file' }] })
  .extend('portal', ({ built, pages, stack, faults, open }) => {
    const { config, users } = stack
    /** Opens the page in a context of its own and signs in. */
    const signedIn = async (name: Name, device?: Device): Promise<Page> => {
      const page = await openPage(built, device)
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
      await signIn(page, name, users[name].password)
      return page
    }
    return {
      stack,
      faults,
      open,
      signedIn,
      /** The user's one page, signed in once; the portal is opened again. */
      async enter(name: Name): Promise<Page> {
        pages.set(name, pages.get(name) ?? signedIn(name))
        const page = await pages.get(name)!
        await page.getByRole('link', { name: 'Calls' }).click()
        await enterPortal(page, name)
        return page
      },
      /** What a machine without any library of ours does: a token for the key, by plain fetch. */
      async tokenOf({ clientId, clientSecret }: Key): Promise<string> {
        const answer = await fetch(`${config.endpoints.oauth}/oauth2/token`, {
          method: 'POST',
          body: new URLSearchParams({
            grant_type: 'client_credentials',
            client_id: clientId,
            client_secret: clientSecret,
          }),
        })
        const { access_token: token } = (await answer.json()) as { access_token?: string }
        return token ?? `no token: ${answer.status}`
      },
      async notesWith(token: string): Promise<[status: number, body: string]> {
        const headers = { authorization: `Bearer ${token}` }
        const answer = await fetch(`${config.apis.portal.url}/notes`, { headers })
        return [answer.status, await answer.text()]
      },
    }
  })

/** What a user has of a key. */
interface Key {
  clientId: string
  clientSecret: string
}

/** Goes to the portal and waits until it is there. */
export async function enterPortal(page: Page, name: Name): Promise<void> {
  await page.getByRole('link', { name: 'API keys' }).click()
  await page.getByText(`A first note of ${name}.`).waitFor()
}

/** A button by its name. */
export const button = (page: Page, name: string | RegExp): Locator =>
  page.getByRole('button', { name })

/** What the page shows of a key. */
export const card = (page: Page, label: string): Locator =>
  page.getByRole('listitem', { name: `Key ${label}` })

/** What was copied last. */
export const clipboard = (page: Page): Promise<string> =>
  page.evaluate(() => navigator.clipboard.readText())

/** What the portal announces to screen readers. */
export const said = (page: Page): Promise<string | null> =>
  page.locator('.portal > [role=status]').textContent()

/** Creates a key and returns its secret, which the page shows. */
export async function make(page: Page, label: string, writes = false): Promise<string> {
  await page.getByLabel('Label').fill(label)
  if (writes) await page.getByLabel('add to your notes').check()
  await button(page, 'Create key').click()
  await page.getByTestId('secret').waitFor()
  return (await page.getByTestId('secret').textContent()) ?? ''
}

/** Copies the secret that is shown, as a person does. */
export async function copySecret(page: Page): Promise<string> {
  await button(page, 'Copy the secret').click()
  await expect.poll(() => page.getByTestId('secret').count()).toBe(0)
  return clipboard(page)
}

/** Creates a key and returns its client ID and secret. */
export async function takeKey(page: Page, label: string, writes = false): Promise<Key> {
  await make(page, label, writes)
  const clientSecret = await copySecret(page)
  const clientId = (await card(page, label).locator('.client-id .value').textContent()) ?? ''
  return { clientId, clientSecret }
}
