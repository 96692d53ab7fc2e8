import { expect } from 'vitest'
import type { Locator, Page } from 'playwright'
import { startWithPortal } from '../portal/start.ts'
import { servePage, signIn, type engines, type ServedPage } from './serve-page.ts'

type Name = 'alice' | 'bob'

/** The built page, a stack with the portal, and a page for each user. */
export interface ServedPortal extends Omit<ServedPage, 'signedIn'> {
  /** Opens the page in a context of its own and signs in. */
  signedIn(name: Name, engine?: (typeof engines)[number]): Promise<Page>
  /** The user's one page, signed in once; the portal is opened again. */
  enter(name: Name): Promise<Page>
}

/** Serves the built page for a stack with the portal. */
export async function servePortal(): Promise<ServedPortal> {
  const served = await servePage(startWithPortal)
  const pages = new Map<Name, Promise<Page>>()
  const signedIn: ServedPortal['signedIn'] = async (name, engine) => {
    const page = await served.open(engine)
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await signIn(page, name, served.stack.users[name]!.password)
    return page
  }
  return {
    ...served,
    signedIn,
    async enter(name) {
      pages.set(name, pages.get(name) ?? signedIn(name))
      const page = await pages.get(name)!
      await page.getByRole('link', { name: 'Calls' }).click()
      await enterPortal(page, name)
      return page
    },
  }
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
export async function takeKey(
  page: Page,
  label: string,
  writes = false,
): Promise<{ clientId: string; clientSecret: string }> {
  await make(page, label, writes)
  const clientSecret = await copySecret(page)
  const clientId = (await card(page, label).locator('.client-id .value').textContent()) ?? ''
  return { clientId, clientSecret }
}
