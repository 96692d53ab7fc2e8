import { config } from './config'

/** What the user pool's token endpoint gives. Without rotation a renewal brings no new refresh token. */
export interface Tokens {
  id_token: string
  expires_in: number
  refresh_token?: string
}

/**
 * Redeems a code or a refresh token at the user pool.
 *
 * @returns `undefined` if it was refused.
 * @throws where the user pool did not answer, or not now.
 */
export async function redeem(grant: Readonly<Record<string, string>>): Promise<Tokens | undefined> {
  const answer = await ask('/oauth2/token', grant)
  if (answer.ok) return (await answer.json()) as Tokens
  if (answer.status === 400) return undefined
  throw new Error(`The token endpoint answered ${answer.status}.`)
}

/** Ends a sign-in: nothing comes of its refresh token any more. */
export async function revoke(token: string): Promise<void> {
  await ask('/oauth2/revoke', { token })
}

function ask(path: string, form: Readonly<Record<string, string>>): Promise<Response> {
  const { endpoints, userPoolClientId } = config()
  return fetch(new URL(path, endpoints.oauth), {
    method: 'POST',
    cache: 'no-store',
    body: new URLSearchParams({ ...form, client_id: userPoolClientId }),
  })
}
