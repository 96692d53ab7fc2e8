import {
  checkOptions,
  hideSecrets,
  IamFetchError,
  invalidOption,
  isIamFetchError,
  jsonObject,
  readText,
  type OptionNames,
} from '@iamfetch/core'
import { jsonText } from '../json-text.ts'
import { describeRefusal } from '../refusal.ts'

/** What {@link publishEvents} publishes. */
export interface PublishOptions {
  /** `/namespace/name`, without a wildcard. */
  channel: string
  /** 1 to 5 values, each of which is sent as JSON. */
  events: readonly unknown[]
  /** The HTTP endpoint of the Event API, as for `iamFetch`. @default '/event' */
  url?: string | URL | undefined
  /** Ends the call. */
  signal?: AbortSignal | undefined
}

const OPTION_NAMES: OptionNames<PublishOptions> = {
  channel: true,
  events: true,
  url: true,
  signal: true,
}

/** One event in the response of AppSync. */
export interface PublishedEvent {
  /** Its place in `events`. */
  readonly index: number
  readonly identifier: string
}

/** What AppSync did with each event. */
export interface PublishedEvents {
  readonly successful: readonly PublishedEvent[]
  /** Events that AppSync did not publish. The call succeeds although there are some: check it. */
  readonly failed: readonly (PublishedEvent & { readonly message: string })[]
}

/** AWS's limit for one request. */
const MOST_EVENTS = 5

/**
 * Publishes events to a channel of an Event API of AppSync over HTTP.
 *
 * unverified: it follows AWS's documentation; the form of the response was not seen on an account.
 *
 * @param iamFetch  What `createIamFetch` returned for the API: `baseUrl: 'https://….appsync-api.….amazonaws.com'`.
 * @returns What AppSync did with each event.
 * @throws `TypeError` with the code `INVALID_OPTION`. {@link IamFetchError}: `FORBIDDEN` for a 401 or 403, `THROTTLED`,
 *   `SERVICE_UNAVAILABLE` for a 5xx, `NETWORK_OR_CORS` for a response that breaks off, `UNEXPECTED_ANSWER` for anything else that is not the response of AppSync, and what `iamFetch`
 *   throws.
 * @see [AWS: publish events over HTTP](https://docs.aws.amazon.com/appsync/latest/eventapi/publish-http.html)
 * @example
 * ```ts
 * const iamFetch = createIamFetch({ baseUrl: 'https://abc.appsync-api.eu-central-1.amazonaws.com', credentials })
 * const { failed } = await publishEvents(iamFetch, { channel: '/notes/new', events: [{ id: 1 }] })
 * if (failed.length > 0) console.warn(failed)
 * ```
 */
export async function publishEvents(
  iamFetch: typeof globalThis.fetch,
  options: PublishOptions,
): Promise<PublishedEvents> {
  checkOptions('publishEvents', options, OPTION_NAMES)
  if (typeof iamFetch !== 'function') {
    throw invalidOption('publishEvents', '"iamFetch" must be a function', iamFetch)
  }
  const { url = '/event', signal } = options
  const response = await iamFetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: bodyOf(options),
    ...(signal && { signal }),
  })
  if (!response.ok) throw await refusalOf(response)
  const text = await textOf(response)
  const result = jsonObject(text)
  const successful = eventsIn(result?.['successful'])
  const failed = eventsIn(result?.['failed'])
  if (!successful || !failed) throw unexpected(response.status, text)
  return {
    successful: successful.map(({ index, identifier }) => ({ index, identifier })),
    failed,
  }
}

function bodyOf({ channel, events }: PublishOptions): string {
  if (typeof channel !== 'string' || !/^\/[^*]+$/.test(channel)) {
    const problem = '"channel" must begin with "/" and have no wildcard'
    throw invalidOption('publishEvents', problem, channel)
  }
  if (!Array.isArray(events) || events.length < 1 || events.length > MOST_EVENTS) {
    const number = Array.isArray(events) ? events.length : events
    throw invalidOption(
      'publishEvents',
      `"events" must be a list of 1 to ${MOST_EVENTS} events`,
      number,
    )
  }
  const texts = events.map((event: unknown, i) =>
    jsonText(event, () =>
      invalidOption('publishEvents', `"events[${i}]" must be a value that JSON has`, event),
    ),
  )
  return JSON.stringify({ channel, events: texts })
}

async function textOf(response: Response): Promise<string> {
  try {
    return await readText(response)
  } catch (cause) {
    if (isIamFetchError(cause)) throw cause
    throw new IamFetchError(
      'NETWORK_OR_CORS',
      'The connection broke before the response of AppSync was complete.',
      {
        remedy: 'Check whether the events arrived before you publish them again.',
        retryable: true,
        cause,
      },
    )
  }
}

/** @returns `undefined` for anything else than a list of events. */
function eventsIn(list: unknown): (PublishedEvent & { message: string })[] | undefined {
  if (!Array.isArray(list)) return undefined
  const events = list.map(eventOf).filter((event) => event !== undefined)
  return events.length === list.length ? events : undefined
}

function eventOf(entry: unknown): (PublishedEvent & { message: string }) | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined
  if (!('index' in entry) || typeof entry.index !== 'number') return undefined
  if (!('identifier' in entry) || typeof entry.identifier !== 'string') return undefined
  const message = 'message' in entry && typeof entry.message === 'string' ? entry.message : ''
  return { index: entry.index, identifier: entry.identifier, message }
}

async function refusalOf(response: Response): Promise<IamFetchError> {
  const { status } = response
  if (status === 401 || status === 403) {
    const { message } = await describeRefusal(response)
    return new IamFetchError(
      'FORBIDDEN',
      `AppSync refused to publish with a ${status}. ${message}`,
      {
        remedy: 'Grant the role the action appsync:EventPublish on the channel namespace.',
      },
    )
  }
  if (status === 429) {
    return new IamFetchError('THROTTLED', 'AppSync refused to publish with a 429.', {
      remedy: 'Publish the events again later.',
      retryable: true,
    })
  }
  if (status >= 500) {
    return new IamFetchError(
      'SERVICE_UNAVAILABLE',
      `AppSync refused to publish with a ${status}.`,
      {
        remedy: 'Publish the events again later. Some of them may have been published.',
        retryable: true,
      },
    )
  }
  return unexpected(status, await textOf(response))
}

const unexpected = (status: number, text: string): IamFetchError =>
  new IamFetchError(
    'UNEXPECTED_ANSWER',
    `AppSync responded to publishing with a ${status}: ${hideSecrets(text).slice(0, 300)}`,
    { remedy: 'Check that "url" is the HTTP endpoint of an Event API, which ends with /event.' },
  )
