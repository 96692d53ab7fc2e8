export { signedEvents, type SignedEventsOptions } from './signed-events.ts'
export type { ServerSentEvent } from './event-parser.ts'
