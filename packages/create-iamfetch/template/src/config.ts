/** What the page has to know about its deployment. Served next to it as `config.json`; it contains no secret. */
export interface Config {
  mode?: 'local' | 'aws'
  region: string
  userPoolId: string
  userPoolClientId: string
  identityPoolId: string
  apis: { notes: { url: string } }
  /** On AWS they are left out. */
  endpoints?: { cognitoIdp?: string; cognitoIdentity?: string }
}

export async function loadConfig(): Promise<Config> {
  const response = await fetch('config.json', { cache: 'no-store' })
  const config = (await response.json().catch(() => ({}))) as Partial<Config>
  if (!response.ok || !config.userPoolId || !config.identityPoolId || !config.apis?.notes?.url) {
    throw new Error('There is no config.json next to this page. Does the local stack run?')
  }
  return config as Config
}
