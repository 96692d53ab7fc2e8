import { ownObject, ownValue } from './own-property.ts'

/** Which sender an event comes from; it decides the form of the response. */
export function readSender(event: unknown): 'rest' | 'http' | 'alb' {
  const request = ownObject(event, 'requestContext')
  if (!request) return 'http'
  if (ownValue(request, 'elb')) return 'alb'
  return ownValue(event, 'version') === undefined ? 'rest' : 'http'
}

/** Whether a load balancer's event has its headers in `multiValueHeaders`, which the response then has to use too. */
export const hasMultiValueHeaders = (event: unknown): boolean =>
  ownObject(event, 'multiValueHeaders') !== undefined
