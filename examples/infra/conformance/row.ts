import type { Credentials } from 'iamfetch'

/** What a check can be given. */
export interface Target {
  region: string
  /** Of the API `test` of group access. */
  testUrl: string
  /** Of the API `provider` of premium content. */
  providerUrl: string
  /** `https://<domain>/oauth2/token` */
  tokenUrl: string
  cognitoIdentityUrl: string
  identityPoolId: string
  /** The ID token of a user in FullAccess, and the credentials it was exchanged for. */
  user?: { idToken: string; identityId: string; login: string; credentials: Credentials }
  /** The app client `globex`: it may have `premium/read`, and not `premium/write`. */
  machine?: { clientId: string; clientSecret: string }
}

/** One question that no document and no recording answers: only AWS can. */
export interface Row {
  id: string
  /** The question. */
  question: string
  /** The package and the file of this repository that depend on the answer. */
  source: string
  /** What a check needs in addition to the deployed stacks. */
  needs: 'nothing' | 'user' | 'machine' | 'a hand'
  /** Checks it, and returns what it saw in one line without secrets. `undefined` if a person has to check. */
  observe?: (target: Target) => Promise<string>
}

/** An answer in one line: status, the body of a refusal, and the headers that are asked about. */
export async function seen(response: Response, ...headers: string[]): Promise<string> {
  // What a handler answers differs from deployment to deployment, as the names of roles do.
  const body = response.ok ? 'answered by the handler' : (await response.text()).slice(0, 300)
  const named = headers.map((name) => `${name}: ${response.headers.get(name) ?? 'none'}`)
  return [`${response.status} ${body || 'no body'}`, ...named].join(' | ')
}
