/** What the page has to know about its deployment. Served next to it as `config.json`; it contains no secret. */
export interface AppConfig {
  mode: 'local' | 'aws'
  region: string
  userPoolId: string
  userPoolClientId: string
  identityPoolId: string
  /** Without `portal` the page has no API keys. */
  apis: { test: { url: string }; portal?: { url: string } }
  /** `oauth` is the user pool's domain, which keys get their tokens from. */
  endpoints?: { cognitoIdp?: string; cognitoIdentity?: string; oauth?: string }
}

/** Reads `config.json` and says what is wrong with it, so that a bad deployment does not look like a bug. */
export async function loadConfig(): Promise<AppConfig> {
  const response = await fetch('config.json', { cache: 'no-store' })
  if (!response.ok)
    throw new Error(`config.json answered ${response.status}. Is it deployed next to index.html?`)
  const config = (await response.json().catch(() => {
    throw new Error(
      'config.json is not JSON. A server that answers every path with index.html does this.',
    )
  })) as Partial<AppConfig>
  const missing = (['region', 'userPoolId', 'userPoolClientId', 'identityPoolId'] as const).filter(
    (name) => typeof config[name] !== 'string',
  )
  const url = config.apis?.test?.url
  if (missing.length > 0 || typeof url !== 'string') {
    throw new Error(
      `config.json lacks ${[...missing, ...(url ? [] : ['apis.test.url'])].join(', ')}.`,
    )
  }
  return config as AppConfig
}
