import { Sha256 } from '@aws-crypto/sha256-js'
import { HttpRequest } from '@smithy/protocol-http'
import { SignatureV4 } from '@smithy/signature-v4'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import MiniSearch from 'minisearch'
import { chromium, type Browser, type Page } from 'playwright'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { chromiumFlags, findChromium } from '@iamfetch/testing/chromium'
import { docsUrl, type ErrorCode } from '@iamfetch/core'
import { errorCodes } from '../build/error-codes.ts'
import { menu } from '../build/menu.ts'
import { searchOptions } from '../build/search-options.ts'
import { seriousFindings } from './axe.ts'
import { MISTAKES } from './mistakes.ts'
import { serve, type Served } from './serve.ts'
import { findFiles } from '../../scripts/files.ts'

const dist = join(import.meta.dirname, '../dist')
const looked = [
  '/',
  '/getting-started.html',
  '/vocabulary.html',
  '/aws/checklist.html',
  '/concepts.html',
  '/tasks/react.html',
  '/tasks/without-react.html',
  '/tasks/machine-tokens.html',
  '/tasks/when-it-says-403.html',
  '/errors/',
  '/errors/NETWORK_OR_CORS/',
  '/errors/INVALID_OPTION/',
  '/reference/iamfetch.html',
  '/bad-days.html',
  '/benches.html',
  '/sign.html',
]

let site: Served
let browser: Browser
const pages: Page[] = []
/** What pages asked for that is not the site's, and what they complained about. */
const strange: string[] = []

beforeAll(async () => {
  const executablePath = await findChromium()
  browser = await chromium.launch({
    ...(executablePath && { executablePath }),
    args: chromiumFlags,
  })
  site = await serve(dist)
})
afterEach(async () => {
  await Promise.all(pages.splice(0).map((page) => page.context().close()))
  const found = strange.splice(0)
  if (found.length > 0) throw new Error(`Not the site's:\n${found.join('\n')}`)
})
afterAll(async () => {
  await browser?.close()
  await site?.stop()
})

interface Look {
  width: number
  colorScheme: 'light' | 'dark'
}

async function open(
  path: string,
  { width, colorScheme }: Look = { width: 1280, colorScheme: 'light' },
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme })
  const page = await context.newPage()
  pages.push(page)
  page.on('pageerror', ({ message }) => strange.push(`${path}: ${message}`))
  page.on('request', (request) => {
    if (!request.url().startsWith(site.url)) strange.push(`${path}: ${request.url()}`)
  })
  page.on('response', (response) => {
    if (!response.ok()) strange.push(`${path}: ${response.status()} ${response.url()}`)
  })
  await page.goto(site.url + path, { waitUntil: 'networkidle' })
  return page
}

/** The words of tables that two lines share although they would fit into one. Runs in the page. */
function brokenWords(): string[] {
  const texts = [...document.querySelectorAll('.vp-doc td, .vp-doc th')].flatMap((cell) => {
    const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT)
    const nodes: Node[] = []
    while (walker.nextNode()) nodes.push(walker.currentNode)
    return nodes
  })
  return texts.flatMap((node) =>
    [...(node.textContent ?? '').matchAll(/\w+/g)]
      .filter(({ 0: word, index }) => {
        if (word.length > 28) return false
        const range = document.createRange()
        range.setStart(node, index)
        range.setEnd(node, index + word.length)
        return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1
      })
      .map(([word]) => word),
  )
}

describe.each([
  { width: 360, colorScheme: 'light' },
  { width: 360, colorScheme: 'dark' },
  { width: 1280, colorScheme: 'light' },
  { width: 1280, colorScheme: 'dark' },
] as const)('at $width px, $colorScheme', (look) => {
  test.each(looked)(
    '%s has no serious finding of axe and is not wider than the screen',
    async (path) => {
      const page = await open(path, look)
      expect(await seriousFindings(page)).toEqual([])
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      expect(wider).toBeLessThanOrEqual(0)
      expect(await page.evaluate(brokenWords)).toEqual([])
    },
  )
})

describe('the pages as files', () => {
  const files = findFiles('**/*.html', { cwd: dist })
  const html = new Map(files.map((file) => [file, readFileSync(join(dist, file), 'utf8')]))

  test('every link with an anchor leads to a heading that is there', () => {
    const dead: string[] = []
    let links = 0
    for (const [file, text] of html) {
      for (const [, path, anchor] of text.matchAll(/<a [^>]*href="(\/[^"#]*)?#([^"]+)"/g)) {
        const target = path ? path.slice(1).replace(/(^|\/)$/, '$1index.html') : file
        const found = html.get(target.endsWith('.html') ? target : `${target}.html`)
        links++
        if (!found?.includes(` id="${decodeURIComponent(anchor!)}"`))
          dead.push(`${file}: ${path ?? ''}#${anchor}`)
      }
    }
    expect(links).toBeGreaterThan(500)
    expect(dead).toEqual([])
  })

  test('no page loads anything from elsewhere', () => {
    for (const [file, text] of html) {
      const loaded = [
        ...text.matchAll(/<(?:script|link|img|iframe)\b[^>]*(?:src|href)="(https?:)?\/\//g),
      ]
      expect(loaded, file).toEqual([])
    }
  })

  test('each page of the menu is there, and llms.txt names it with its address', () => {
    const list = readFileSync(join(dist, 'llms.txt'), 'utf8')
    for (const { link } of menu.flatMap(({ items = [] }) => items)) {
      const path = link!.replace(/^\//, '').replace(/\/$/, '/index').replace(/^$/, 'index')
      expect(files, link).toContain(`${path}.html`)
      expect(list).toContain(
        `(${new URL('.', docsUrl('OFFLINE').replace('/errors/', '/'))}${link!.slice(1)})`,
      )
    }
    const full = readFileSync(join(dist, 'llms-full.txt'), 'utf8')
    expect(full).toContain('# Getting started')
    expect(full).toContain('# ROLE_AMBIGUOUS')
    expect(full).not.toMatch(/<!-- |<CallWay|^source: /m)
  })

  test('every task has its page', () => {
    expect(files).toEqual(
      expect.arrayContaining([
        'index.html',
        ...findFiles('tasks/*.md', { cwd: join(import.meta.dirname, '../pages') }).map((page) =>
          page.replace('.md', '.html'),
        ),
        'migrate.html',
        'threat-model.html',
      ]),
    )
  })
})

describe('the page of an error code', () => {
  test.each(errorCodes())('$code is at the address that the error contains', async ({ code }) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- read from the union itself
    const { pathname } = new URL(docsUrl(code as ErrorCode))
    // The site's own base, under which it is published, is not part of this build.
    const response = await fetch(site.url + pathname.replace('/iamfetch/', '/'))
    expect(response.status).toBe(200)
    expect(await response.text()).toContain(`<title>${code} | iamfetch</title>`)
  })
})

describe('the search', () => {
  /** The pages that VitePress's search box would list, the best first: its index and its options. */
  async function found(query: string): Promise<string[]> {
    const [file = ''] = findFiles('assets/chunks/@localSearchIndexroot.*.js', { cwd: dist })
    const { default: index }: { default: string } = await import(
      pathToFileURL(join(dist, file)).href
    )
    const search = MiniSearch.loadJSON(index, {
      fields: ['title', 'titles', 'text'],
      storeFields: ['title', 'titles'],
      searchOptions,
    })
    const paths = search
      .search(query)
      .map(({ id }) => String(id).replace(/^\/|(\.html)?(#.*)?$/g, ''))
    return [...new Set(paths)]
  }

  test.each(MISTAKES)('finds the page about $mistake by what users see', async ({ seen, page }) => {
    expect((await found(seen)).slice(0, 5)).toContain(page)
  })

  test.each([
    'NotAuthorizedException',
    'ResourceNotFoundException',
    'InvalidParameterException',
    'TooManyRequestsException',
  ])('%s finds pages of error codes', async (name) => {
    expect((await found(name)).slice(0, 5)).toContainEqual(expect.stringMatching(/^errors\//))
  })

  test('finds an error code and leads to its page', async () => {
    const page = await open('/')
    await page
      .getByRole('button', { name: /search/i })
      .first()
      .click()
    await page.getByRole('searchbox').fill('ROLE_AMBIGUOUS')
    await page.locator('a.result[href*="errors/ROLE_AMBIGUOUS/"]').first().click()
    await page.waitForURL(/\/errors\/ROLE_AMBIGUOUS\//)
    expect(await page.getByRole('heading', { name: 'ROLE_AMBIGUOUS' }).isVisible()).toBe(true)
  })
})

describe('the page that signs', () => {
  const credentials = {
    accessKeyId: 'ASIAEXAMPLE',
    secretAccessKey: 'a/secret+of=the*test',
    sessionToken: 'session/token+of=the*test',
  }
  const body = '{"note":"häßlich ✓"}'

  async function typed(): Promise<Page> {
    const page = await open('/sign.html')
    const fields = {
      Method: 'post',
      URL: 'https://abc123.execute-api.eu-central-1.amazonaws.com/prod/a%20b/ü?z=1&a=b%20c&a=*',
      Body: body,
      Region: 'eu-central-1',
      Service: 'execute-api',
      'Date (UTC)': '20300102T030405Z',
      'Access key ID': credentials.accessKeyId,
      'Secret access key': credentials.secretAccessKey,
    }
    for (const [label, value] of Object.entries(fields)) {
      await page.getByLabel(label, { exact: true }).fill(value)
    }
    await page.getByLabel(/Session token/).fill(credentials.sessionToken)
    await page
      .getByLabel(/Headers to sign/)
      .fill('Content-Type: application/json\nx-amz-note:  two   words ')
    return page
  }

  test('shows the signature that AWS code computes for what was typed', async () => {
    const page = await typed()
    const signer = new SignatureV4({
      credentials,
      region: 'eu-central-1',
      service: 'execute-api',
      sha256: Sha256,
      applyChecksum: false,
    })
    const { headers } = await signer.sign(
      new HttpRequest({
        method: 'POST',
        hostname: 'abc123.execute-api.eu-central-1.amazonaws.com',
        path: '/prod/a%20b/%C3%BC',
        query: { z: '1', a: ['b c', '*'] },
        headers: {
          host: 'abc123.execute-api.eu-central-1.amazonaws.com',
          'content-type': 'application/json',
          'x-amz-note': 'two words',
        },
        body,
      }),
      {
        signingDate: new Date('2030-01-02T03:04:05Z'),
        signableHeaders: new Set(['content-type', 'host']),
      },
    )
    const [, expected] = /Signature=([0-9a-f]{64})$/.exec(headers['authorization']!)!
    expect(await page.getByTestId('signature').textContent()).toBe(expected)
    expect(await page.getByTestId('curl').textContent()).toContain(`Signature=${expected}`)
  })

  test('sends no request and stores nothing', async () => {
    const page = await typed()
    const kept = await page.evaluate(() =>
      JSON.stringify([localStorage, sessionStorage, document.cookie, location.href]),
    )
    for (const secret of Object.values(credentials)) expect(kept).not.toContain(secret)
    expect(await page.getByLabel('Secret access key').getAttribute('type')).toBe('password')
    await page.reload()
    expect(await page.getByLabel('Secret access key').inputValue()).not.toBe(
      credentials.secretAccessKey,
    )
  })

  test('may call no other host: the browser enforces that for every script on it', async () => {
    const page = await open('/sign.html')
    const refused = await page.evaluate(async () => {
      const seen: string[] = []
      addEventListener('securitypolicyviolation', (event) => {
        seen.push(event.effectiveDirective)
      })
      await fetch('https://evil.example/').catch(() => {})
      navigator.sendBeacon('https://evil.example/')
      new Image().src = 'https://evil.example/'
      await new Promise((resolve) => setTimeout(resolve, 100))
      return seen
    })
    // Tried, and not sent.
    strange.length = 0
    expect(refused.toSorted()).toEqual(['connect-src', 'connect-src', 'img-src'])
  })

  test("marks the one line in which a gateway's canonical request differs, and names the culprit", async () => {
    const page = await typed()
    const ours = (await page.getByTestId('canonical-request').textContent()) ?? ''
    const theirs = ours.replace(
      'content-type:application/json',
      'content-type:application/json;charset=UTF-8',
    )
    const message = `The request signature we calculated does not match the signature you provided.\n\nThe Canonical String for this request should have been\n'${theirs}'\n\nThe String-to-Sign should have been\n'AWS4-HMAC-SHA256'\n`
    await page.getByLabel(/gateway's response/).fill(JSON.stringify({ message }))
    expect(await page.getByTestId('verdict').textContent()).toContain('header content-type')
    const marked = page
      .getByTestId('compared')
      .getByRole('listitem')
      .filter({ hasText: 'This line differs' })
    expect(await marked.count()).toBe(1)
    expect(await marked.textContent()).toContain('charset=UTF-8')
    expect(await seriousFindings(page)).toEqual([])

    await page.getByLabel(/gateway's response/).fill(ours)
    expect(await page.getByTestId('verdict').textContent()).toContain('Both are the same')
  })

  test('warns if region or service contradict the host', async () => {
    const page = await typed()
    expect(await page.getByTestId('warnings').textContent()).toBe('')
    await page.getByLabel('Region', { exact: true }).fill('us-east-1')
    await page.getByLabel('Service', { exact: true }).fill('iam')
    const warnings = page.getByTestId('warnings').getByRole('paragraph')
    expect(await warnings.count()).toBe(2)
    expect(await warnings.first().textContent()).toContain('region eu-central-1')
    expect(await seriousFindings(page)).toEqual([])
  })

  test('says what is wrong with a field, without the secret', async () => {
    const page = await typed()
    await page.getByLabel('URL', { exact: true }).fill('no URL')
    const said = await page.getByRole('alert').textContent()
    expect(said).toContain('The URL is not complete')
    expect(said).not.toContain(credentials.secretAccessKey)
    expect(await seriousFindings(page)).toEqual([])
  })
})
