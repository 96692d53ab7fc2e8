import {
  createFaults,
  startLocalStack,
  type Faults,
  type LocalStack,
  type PolicyDocument,
} from '@iamfetch/local'

/** One laptop and one stack, each with a clock that can be moved. Nothing else differs from the real ones. */
export interface World {
  stack: LocalStack
  faults: Faults
  /** Moves the laptop's clock: `Date` of this process. */
  moveLaptop: (ms: number) => void
  /** Lets time pass for both, as a laptop that sleeps does. */
  sleep: (ms: number) => void
  /** How often GetId, GetCredentialsForIdentity and the API were called. */
  calls(): string
  /** How many calls reached the API unsigned. */
  unsigned(): number
}

const RealDate = Date
let laptopMs = 0

/** Every `Date` of this process, that of the peers as well, shows the laptop's time. */
class LaptopDate extends RealDate {
  constructor(...given: [] | [value: string | number | Date]) {
    super(...((given.length > 0 ? given : [RealDate.now() + laptopMs]) as [number]))
  }
  static override now(): number {
    return RealDate.now() + laptopMs
  }
}
globalThis.Date = LaptopDate as DateConstructor

const may = (...methods: string[]): PolicyDocument => ({
  Statement: {
    Effect: 'Allow',
    Action: 'execute-api:Invoke',
    Resource: methods.flatMap((method) => [
      `arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID_http/*/${method}/*`,
      `arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID_rest/*/${method}/*`,
    ]),
  },
})

/** Starts a world. The routes are those of a page and of the AWS SDK's client. */
export async function startWorld(): Promise<World> {
  let stackMs = 0
  const faults = createFaults({ clock: { now: () => RealDate.now() + stackMs } })
  const roleOf = (event: {
    requestContext: { authorizer?: { iam: { userArn: string } }; identity?: { userArn: string } }
  }): unknown => {
    const { authorizer, identity } = event.requestContext
    const { userArn } = authorizer?.iam ?? identity!
    return { statusCode: 200, body: JSON.stringify({ role: userArn.split('/')[1] }) }
  }
  const routes = {
    'ANY /test': { auth: 'iam' as const, handler: roleOf },
    'ANY /@connections/{id}': { auth: 'iam' as const, handler: roleOf },
  }
  const stack = await startLocalStack(
    {
      groups: {
        FullAccess: { precedence: 1, policy: may('GET', 'POST') },
        ReadOnlyAccess: { precedence: 2, policy: may('GET') },
      },
      users: { alice: { groups: ['FullAccess'] }, bob: { groups: ['ReadOnlyAccess'] } },
      apis: { http: { type: 'http', routes }, rest: { type: 'rest', routes } },
    },
    { faults },
  )
  let bare = 0
  const { fetch } = globalThis
  globalThis.fetch = (input, init) => {
    const { url, headers } = input instanceof Request ? input : new Request(input, init)
    const toApi = Object.values(stack.config.apis).some((api) => url.startsWith(api.url))
    if (toApi && !headers.has('authorization')) bare++
    return fetch(input, init)
  }
  return {
    stack,
    faults,
    moveLaptop: (ms) => void (laptopMs += ms),
    sleep(ms) {
      laptopMs += ms
      stackMs += ms
    },
    calls() {
      const { GetId = 0, GetCredentialsForIdentity = 0, ...others } = faults.calls()
      const toApis = Object.entries(others).filter(([name]) => name.startsWith('ANY '))
      return [GetId, GetCredentialsForIdentity, toApis.reduce((sum, [, n]) => sum + n, 0)].join('/')
    },
    unsigned: () => bare,
  }
}
