// What it costs to find out who called: `npm run bench:callers`. Times are processor time on one core.
import { CognitoJwtVerifier } from 'aws-jwt-verify'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { resolveCaller } from '@iamfetch/server'
import { aliceClaims, eventFixtures, fixtureIds } from '@iamfetch/server/fixtures'

/** The bars of DESIGN.md. */
const MOST_OF_VERIFIER = 1.2
const MOST_OF_CLAIMS_US = 10

const ROUNDS = 15
const { userPoolId, clientId } = fixtureIds
const now = Math.floor(Date.now() / 1000)
const pair = await generateKeyPair('RS256', { extractable: true })
const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'key', alg: 'RS256', use: 'sig' }
const claims = { ...aliceClaims, iat: now, exp: now + 3600 }
const token = await new SignJWT(claims)
  .setProtectedHeader({ alg: 'RS256', kid: 'key' })
  .sign(pair.privateKey)

const verifier = CognitoJwtVerifier.create({ userPoolId, clientId, tokenUse: null })
verifier.cacheJwks({ keys: [jwk] })
const options = { userPools: [{ userPoolId, clientIds: [clientId], jwks: { keys: [jwk] } }] }
const bearer = eventFixtures['http-open'].event({ token })
const ofAuthorizer = eventFixtures['http-jwt'].event({ claims, token })

const subjects = {
  'aws-jwt-verify, the bare verifier': [500, () => verifier.verify(token)],
  'resolveCaller, a bearer token': [500, () => resolveCaller(bearer, options)],
  "resolveCaller, an HTTP API's claims": [5000, () => resolveCaller(ofAuthorizer, options)],
}

/** Microseconds of processor time per call, the median of the rounds; the subjects take turns. */
async function measure() {
  const times = new Map(Object.keys(subjects).map((name) => [name, []]))
  for (let round = -2; round < ROUNDS; round += 1) {
    for (const [name, [calls, run]] of Object.entries(subjects)) {
      const start = process.cpuUsage()
      for (let call = 0; call < calls; call += 1) await run()
      const { user, system } = process.cpuUsage(start)
      // The first two rounds are for the compiler.
      if (round >= 0) times.get(name).push((user + system) / calls)
    }
  }
  return new Map(
    [...times].map(([name, list]) => [name, list.toSorted((a, b) => a - b)[ROUNDS >> 1]]),
  )
}

const medians = await measure()
for (const [name, us] of medians) console.log(`${name.padEnd(36)} ${us.toFixed(1).padStart(7)} µs`)
const [bare, ofBearer, ofClaims] = [...medians.values()]
const ratio = ofBearer / bare
console.log(
  `\nbearer token: ${ratio.toFixed(2)} times the bare verifier (bar: ${MOST_OF_VERIFIER})`,
)
console.log(`claims: ${ofClaims.toFixed(1)} µs (bar: ${MOST_OF_CLAIMS_US})`)
if (ratio > MOST_OF_VERIFIER || ofClaims > MOST_OF_CLAIMS_US) process.exitCode = 1
