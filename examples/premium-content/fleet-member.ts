// One process of the fleet: it serves every tenant, as a container of a service does.
import type { MachineTokenEvent } from '@iamfetch/machine'
import { createConsumer, type Answer, type ConsumerOptions } from './consumer.ts'
import { connectTo, type StoreAddress } from './shared-store.ts'

/** What a member receives. It is sent over the channel, because every process can read arguments. */
export interface Order {
  store: StoreAddress
  /** How often to call. */
  calls: number
  consumers: readonly { options: ConsumerOptions; may: readonly string[] }[]
}

/** What a member says in the end. */
export interface Report {
  calls: number
  /** Answers other than 200, in words. */
  failed: readonly string[]
  /** Tokens that others minted. */
  shared: number
  storeFailures: number
}

/** A provider takes so many at once from one process. */
const AT_ONCE = 10

async function work({ store: address, calls, consumers }: Order): Promise<Report> {
  const { store, close } = await connectTo(address)
  const events: MachineTokenEvent['type'][] = []
  const works = consumers.flatMap(({ options, may }) => {
    const onEvent = ({ type }: MachineTokenEvent): void => void events.push(type)
    const consumer = createConsumer({ ...options, store, onEvent })
    const read = (): Promise<Answer> => consumer.authorizedRead()
    const write = (): Promise<Answer> => consumer.authorizedWrite()
    return may.map((scope) => (scope === 'premium/write' ? write : read))
  })
  const failed: string[] = []
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < calls) {
      const { statusCode, body } = await works[next++ % works.length]!()
      if (statusCode !== 200) failed.push(`${statusCode} ${body}`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
  close()
  const count = (type: MachineTokenEvent['type']): number =>
    events.filter((one) => one === type).length
  return { calls, failed, shared: count('shared'), storeFailures: count('store-failed') }
}

process.once('disconnect', () => process.exit(1))
process.once('message', (order: Order) => {
  void work(order).then((report) => process.send?.(report))
})
process.send?.('ready')
