import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { TokensMinted } from '@iamfetch/local'
import { tenantNames, tenants } from './access.ts'
import type { Order, Report } from './fleet-member.ts'
import type { StoreAddress } from './shared-store.ts'
import { startPremiumContent } from './start.ts'

/** What a fleet did. */
export interface FleetReport {
  processes: number
  /** Calls of the provider, all processes together. */
  calls: number
  failed: readonly string[]
  /** By tenant and set of scopes, counted where they were minted. */
  minted: readonly TokensMinted[]
  /** How often a process took a token that another one had minted. */
  shared: number
  storeFailures: number
  /** Reads of a secret. */
  secretsRead: number
  /** From the moment when all processes were up. */
  durationMs: number
}

/** How big a fleet is. */
export interface FleetOptions {
  processes: number
  callsPerProcess: number
  store: StoreAddress
  /** Ends it. @default after two minutes */
  signal?: AbortSignal
  /** Receives a line about each step. */
  onProgress?: (line: string) => void
}

/**
 * Runs processes that call the provider for every tenant, all of them cold and at once, with one store to share.
 *
 * Each process ends with it, whatever happens.
 */
export async function runFleet({
  processes,
  callsPerProcess,
  store,
  signal = AbortSignal.timeout(120_000),
  onProgress = () => {},
}: FleetOptions): Promise<FleetReport> {
  const { stack, optionsFor, stop } = await startPremiumContent()
  const members: ChildProcess[] = []
  const endAll = (): void => {
    for (const member of members) member.kill('SIGKILL')
  }
  process.once('exit', endAll)
  try {
    for (let index = 0; index < processes; index++) {
      members.push(
        fork(new URL('fleet-member.ts', import.meta.url), [], {
          execArgv: ['--conditions=@iamfetch/source', '--disable-warning=ExperimentalWarning'],
        }),
      )
    }
    let ready = 0
    const everyFifth = Math.ceil(processes / 5)
    await Promise.all(
      members.map(async (member) => {
        await heard(member, signal)
        ready++
        if (ready % everyFifth === 0 || ready === processes) {
          onProgress(`${ready} of ${processes} processes are ready.`)
        }
      }),
    )
    onProgress(`Each process makes ${callsPerProcess} calls.`)
    const consumers = tenantNames.map((name) => ({ options: optionsFor(name), may: tenants[name] }))
    const order: Order = { store, calls: callsPerProcess, consumers }
    const startedAt = performance.now()
    const reports = await Promise.all(
      members.map(async (member) => {
        member.send(order)
        return (await heard(member, signal)) as Report
      }),
    )
    const sum = (of: (report: Report) => number): number =>
      reports.reduce((all, report) => all + of(report), 0)
    return {
      processes,
      calls: sum(({ calls }) => calls),
      failed: reports.flatMap(({ failed }) => failed),
      minted: stack.tokensMinted(),
      shared: sum(({ shared }) => shared),
      storeFailures: sum(({ storeFailures }) => storeFailures),
      secretsRead: stack.faults.calls('GetSecretValue'),
      durationMs: performance.now() - startedAt,
    }
  } finally {
    process.off('exit', endAll)
    endAll()
    await stop()
  }
}

/** The next message of a member; rejects when it ends instead. */
async function heard(member: ChildProcess, signal: AbortSignal): Promise<unknown> {
  const over = new AbortController()
  const options = { signal: AbortSignal.any([signal, over.signal]) }
  const ended = async (): Promise<never> => {
    const [code] = await once(member, 'exit', options)
    throw new Error(`A process of the fleet ended early (${code}).`)
  }
  try {
    const [message] = await Promise.race([once(member, 'message', options), ended()])
    return message
  } finally {
    over.abort()
  }
}
