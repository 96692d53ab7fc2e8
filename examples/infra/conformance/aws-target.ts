import { existsSync, readFileSync } from 'node:fs'
import type { Target } from './row.ts'
import { exchanged } from './user.ts'

/** What is missing for checks on AWS, in words. */
export interface Missing {
  missing: string
}

/**
 * Reads what `npm run deploy` wrote, and from the environment who calls: `IAMFETCH_ID_TOKEN` (of a user in
 * FullAccess), `IAMFETCH_CLIENT_ID` and `IAMFETCH_CLIENT_SECRET` (of the app client globex).
 *
 * @param outputsFile  `outputs.json`
 * @throws Error for a file that lacks something, or a token that Cognito refuses.
 */
export async function awsTarget(
  outputsFile: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Target | Missing> {
  if (!existsSync(outputsFile)) {
    return { missing: `There is no ${outputsFile}: nothing was deployed from here.` }
  }
  const { GroupAccess: page = {}, PremiumProvider: provider = {} }: Outputs = JSON.parse(
    readFileSync(outputsFile, 'utf8'),
  )
  const output = (from: Record<string, string>, name: string): string => {
    const value = from[name]
    if (value) return value
    throw new Error(`${outputsFile} has no ${name}. Deploy GroupAccess and PremiumProvider.`)
  }
  const region = output(page, 'region')
  const identityPoolId = output(page, 'identityPoolId')
  const cognitoIdentityUrl = `https://cognito-identity.${region}.amazonaws.com/`
  const login = `cognito-idp.${region}.amazonaws.com/${output(page, 'userPoolId')}`
  const { IAMFETCH_ID_TOKEN: idToken, IAMFETCH_CLIENT_ID: clientId } = env
  const { IAMFETCH_CLIENT_SECRET: clientSecret } = env
  return {
    region,
    testUrl: output(page, 'testUrl'),
    providerUrl: output(provider, 'providerUrl'),
    tokenUrl: output(provider, 'tokenUrl'),
    cognitoIdentityUrl,
    identityPoolId,
    ...(idToken && {
      user: await exchanged({ idToken, login, identityPoolId, endpoint: cognitoIdentityUrl }),
    }),
    ...(clientId && clientSecret && { machine: { clientId, clientSecret } }),
  }
}

type Outputs = Partial<Record<'GroupAccess' | 'PremiumProvider', Record<string, string>>>
