/** What a server has to know: the `config.json` of a local stack or of a deployment, and its own address. */
export interface Config {
  region: string
  userPoolClientId: string
  identityPoolId: string
  apis: { http: { url: string } }
  endpoints: { cognitoIdentity: string; oauth: string }
}

/** Reads the environment at the time of a request, so that one build serves every stage. */
export const config = (): Config => JSON.parse(process.env['IAM_CONFIG'] ?? '')

/** Where this app is, as browsers see it. */
export const appUrl = (path: string): string => new URL(path, process.env['APP_URL']).href
