import type { LocalStack } from '@iamfetch/local'

/** Where the tests' app listens to, as far as the user pool knows. */
export const CALLBACK = 'http://localhost:5173/callback'
/** Where a sign-out leads. */
export const LOGGED_OUT = 'http://localhost:5173/'

/** A browser at the user pool's pages: it keeps cookies and follows redirects until they leave the stack. */
export interface PagesBrowser {
  /** Opens an address. @returns The address that it was sent away to, or the page that it ended at. */
  open(url: string, form?: Record<string, string>): Promise<{ left?: string; page?: Page }>
  /** Signs in at the page that an authorization request leads to. @returns The callback with its code. */
  signIn(url: string, name: string): Promise<string>
}

interface Page {
  status: number
  url: string
  text: string
}

/** Creates a browser without cookies. */
export function pagesBrowser({ config, users }: LocalStack): PagesBrowser {
  const origin = config.endpoints.oauth
  const cookies = new Map<string, string>()
  const open: PagesBrowser['open'] = async (url, form) => {
    if (!url.startsWith(`${origin}/`)) return { left: url }
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    })
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      cookies.set(name, value)
    }
    const location = response.headers.get('location')
    if (location) return open(new URL(location, url).href)
    return { page: { status: response.status, url, text: await response.text() } }
  }
  return {
    open,
    async signIn(url, name) {
      const { page, left } = await open(url)
      if (left) return left
      const { username, password } = users[name]!
      const [, _csrf = ''] = /name="_csrf" value="(\w+)"/.exec(page!.text) ?? []
      const { left: callback } = await open(page!.url, { username, password, _csrf })
      return callback!
    },
  }
}
