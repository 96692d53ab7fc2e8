/** What the app has to know of its backend: the names of `config.json`, as `EXPO_PUBLIC_…` of the environment. */
export interface AppConfig {
  region: string
  userPoolId: string
  userPoolClientId: string
  identityPoolId: string
  /** The API whose `GET /test` and `POST /test` are called. */
  apiUrl: string
  /** Where the local stack is; nothing for AWS. */
  endpoints?: { cognitoIdp: string; cognitoIdentity: string } | undefined
}

/** Reads what Metro put in place of the variables: each has to be named in full. */
export function readConfig(): AppConfig {
  const idp = process.env['EXPO_PUBLIC_COGNITO_IDP']
  const identity = process.env['EXPO_PUBLIC_COGNITO_IDENTITY']
  return {
    region: given('EXPO_PUBLIC_REGION', process.env['EXPO_PUBLIC_REGION']),
    userPoolId: given('EXPO_PUBLIC_USER_POOL_ID', process.env['EXPO_PUBLIC_USER_POOL_ID']),
    userPoolClientId: given('EXPO_PUBLIC_CLIENT_ID', process.env['EXPO_PUBLIC_CLIENT_ID']),
    identityPoolId: given(
      'EXPO_PUBLIC_IDENTITY_POOL_ID',
      process.env['EXPO_PUBLIC_IDENTITY_POOL_ID'],
    ),
    apiUrl: given('EXPO_PUBLIC_API_URL', process.env['EXPO_PUBLIC_API_URL']),
    ...(idp && identity && { endpoints: { cognitoIdp: idp, cognitoIdentity: identity } }),
  }
}

function given(name: string, value: string | undefined): string {
  if (value) return value
  throw new Error(`${name} is missing: see examples/expo-app/README.md.`)
}
