import { parseArgs } from 'node:util'
import { identityHeader, type Caller } from '@iamfetch/server'
import { startWhoCalled, type Form, type WhoCalled } from './start.ts'
import { tenantNames, tenants } from './tenants.ts'

const HELP = `npm run demo:who-called

Runs one API as an HTTP API and as a REST API on 127.0.0.1, calls both as users and as tenants, rightly and
wrongly, and prints what was answered and what the backend saw. Ends by itself within seconds.

  --help   Prints this.
`

/** Where what belongs to a call begins, below the call itself. */
const INDENT = ' '.repeat(9)
const TITLES: Record<Form, string> = {
  http: 'HTTP API, with a JWT authorizer',
  rest: 'REST API, with a Cognito authorizer',
}

/** What the backend saw of the last call. */
interface Sight {
  ran: boolean
  caller?: Caller
}

try {
  const { values } = parseArgs({ options: { help: { type: 'boolean' } } })
  if (values.help) console.log(HELP)
  else await demo()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

async function demo(): Promise<void> {
  // Whatever happens, it does not outlive this.
  const timeout = setTimeout(() => {
    console.error('The demo took over a minute and was ended.')
    process.exit(1)
  }, 60_000)
  let sight: Sight = { ran: false }
  const who = await startWhoCalled({
    onInvoke: () => (sight.ran = true),
    onCaller: (caller) => (sight.caller = caller),
  })
  const tell: Tell = async (what, call) => {
    sight = { ran: false }
    const response = await call()
    const text = await response.text()
    console.log(`    ${response.status}  ${what}\n${INDENT}${saw(sight)}`)
    if (response.ok) console.log(INDENT + spread(text))
  }
  try {
    console.log('\n  One API in two forms, without an AWS account. Of each call: its status,')
    console.log('  what the backend saw of it, and the answer.')
    for (const form of ['http', 'rest'] as const) {
      console.log(`\n  ${TITLES[form]}`)
      await tellUsers(who, form, tell)
      await tellTenants(who, form, tell)
    }
    console.log()
  } finally {
    clearTimeout(timeout)
    await who.stop()
  }
}

/** Breaks JSON that is wider than a terminal. */
function spread(json: string): string {
  return json.replaceAll(/(.{40,70},)(?=")/g, `$1\n${INDENT} `)
}

type Tell = (what: string, call: () => Promise<Response>) => Promise<void>

/** What really happened in a call, for the terminal. Callers do not see it. */
function saw({ ran, caller }: Sight): string {
  if (!ran) return 'the gateway refused, the backend did not run'
  if (!caller) return 'the backend ran, and refused the call'
  const { kind, username, tenant, subject, proof } = caller
  return `the backend saw the ${kind} ${username ?? tenant ?? subject}, proven: ${proof}`
}

async function tellUsers(who: WhoCalled, form: Form, tell: Tell): Promise<void> {
  const [alice, bob] = await Promise.all([who.signIn('alice'), who.signIn('bob')])
  const byToken = who.asUser(form, alice.idToken)
  const url = who.stack.config.apis[form].url
  await tell('alice, GET /me, with her ID token', () => byToken('/me'))
  await tell('the same, verified once more: GET /me/verified', () => byToken('/me/verified'))
  await tell('bob, GET /me, and a header that says he is alice', () =>
    who.asUser(form, bob.idToken)('/me', { headers: { 'x-user-id': 'alice' } }),
  )
  await tell('alice, GET /me/signed, by a signature and the ID token', () =>
    who.asSigner(form, alice.idToken)('/me/signed'),
  )
  await tell('alice, GET /me/signed, with her ID token and no signature', () =>
    fetch(`${url}/me/signed`, { headers: { [identityHeader]: alice.idToken } }),
  )
  await tell('no user, GET /me', () => fetch(`${url}/me`))
  await tell('somebody who wrote another name into alice’s token', () =>
    who.asUser(form, renamed(alice.idToken))('/me'),
  )
  await tell('alice, GET /me, with her access token', () =>
    who.asUser(form, alice.accessToken)('/me'),
  )
}

/** A token with other claims, and the signature that it had. */
function renamed(token: string): string {
  const [header, payload = '', signature] = token.split('.')
  const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const changed = JSON.stringify({ ...Object(claims), 'cognito:username': 'mallory' })
  return [header, Buffer.from(changed).toString('base64url'), signature].join('.')
}

async function tellTenants(who: WhoCalled, form: Form, tell: Tell): Promise<void> {
  for (const tenant of tenantNames) {
    const call = who.asTenant(form, tenant)
    const note = { method: 'PUT', body: JSON.stringify({ text: `of ${tenant}` }) }
    const scopes = tenants[tenant].join(', ')
    await tell(`${tenant}, PUT /notes/plan (has ${scopes})`, () => call('/notes/plan', note))
  }
  const asGlobex = who.asTenant(form, 'globex')
  await tell('globex, GET /notes?tenant=acme', () => asGlobex('/notes?tenant=acme'))
  await tell('globex, GET /me, which is for users', () => asGlobex('/me'))
  const { idToken } = await who.signIn('alice')
  await tell('alice, GET /notes, which are for tenants', () => who.asUser(form, idToken)('/notes'))
}
