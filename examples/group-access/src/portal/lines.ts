import type { KeysApi } from './keys-api.ts'

/** What a user copies to use a key. The secret is in none of it: it is read from `CLIENT_SECRET`. */
export interface Lines {
  secret: string
  curl: string
  typescript: string
}

/** Creates the lines for one key, for what its scopes allow. */
export function linesOf(
  { tokenUrl, notesUrl }: Pick<KeysApi, 'tokenUrl' | 'notesUrl'>,
  { clientId, scopes }: { clientId: string; scopes: readonly string[] },
): Lines {
  const { origin, pathname } = new URL(notesUrl)
  const baseUrl = origin + pathname.replace(/\/notes$/, '')
  const note = '{"text":"Hello from a script"}'
  const [reads, writes] = [scopes.includes('notes/read'), scopes.includes('notes/write')]
  const calls = {
    curl: [
      reads && 'curl $API/notes -H "authorization: Bearer $TOKEN"',
      writes &&
        `curl $API/notes -H "authorization: Bearer $TOKEN" \\\n  -H 'content-type: application/json' \\\n  -d '${note}'`,
    ],
    typescript: [
      reads && "const notes = await call('/notes')\nconsole.log(notes.status, await notes.json())",
      writes &&
        `const added = await call('/notes', {\n  method: 'POST',\n  body: '${note}',\n})\nconsole.log(added.status)`,
    ],
  }
  return {
    secret: 'read -rs CLIENT_SECRET && export CLIENT_SECRET',
    curl: [
      `API=${baseUrl}`,
      'TOKEN=$(printf %s "$CLIENT_SECRET" |',
      `  curl -s ${tokenUrl} \\`,
      '  -d grant_type=client_credentials \\',
      `  -d client_id=${clientId} \\`,
      '  --data-urlencode client_secret@- |',
      String.raw`  sed 's/.*"access_token":"\([^"]*\)".*/\1/')`,
      ...calls.curl.filter((line) => line !== false),
    ].join('\n'),
    typescript: [
      'import {',
      '  machineToken,',
      '  oauthTokenEndpoint,',
      "} from '@iamfetch/machine'",
      "import { createTokenFetch } from 'iamfetch'",
      '',
      'const token = machineToken({',
      '  source: oauthTokenEndpoint({',
      `    url: '${tokenUrl}',`,
      `    clientId: '${clientId}',`,
      '  }),',
      "  clientSecret: process.env.CLIENT_SECRET ?? '',",
      '})',
      'const call = createTokenFetch({',
      `  baseUrl: '${baseUrl}',`,
      '  token,',
      '})',
      ...calls.typescript.filter((line) => line !== false),
    ].join('\n'),
  }
}
