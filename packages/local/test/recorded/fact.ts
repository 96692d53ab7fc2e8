import type {
  ApiDefinition,
  CorsDefinition,
  LambdaAuthorizerDefinition,
  RouteDefinition,
} from '../../src/index.ts'

/**
 * How a fact about AWS is known.
 *
 * - `recorded`: a response or an event that AWS sent, kept with its date.
 * - `documented`: a page of AWS, or AWS's own code.
 * - `measured`: a project's statement that it measured AWS, without the response.
 * - `reported`: what users of AWS quote and describe.
 * - `inferred`: it follows from the other facts and was not seen itself.
 */
export type Strength = 'recorded' | 'documented' | 'measured' | 'reported' | 'inferred'

/** Where a fact comes from. */
export interface Evidence {
  source: string
  /** Of the recording, if it is known. */
  date?: string
  strength: Strength
}

/** One fact about API Gateway. */
export interface GatewayFact extends Evidence {
  /** A sentence that can be read alone. */
  fact: string
  type: 'http' | 'rest'
  stage?: string
  cors?: CorsDefinition
  /** More of the API: its resource policy, media types, the source of API keys. */
  api?: Pick<ApiDefinition, 'resourcePolicy' | 'binaryMediaTypes' | 'apiKeySource'>
  /** The settings of the API's one authorizer, and what its function returns or throws. */
  authorizer?: Omit<LambdaAuthorizerDefinition, 'handler'> & { returns?: unknown; throws?: string }
  /** By route key. `echo` responds with the event that it received. */
  routes: Readonly<
    Record<
      string,
      | 'echo'
      | {
          auth?: RouteDefinition['auth']
          apiKeyRequired?: boolean
          /** Keeps the event, as `echo` does. */
          echo?: true
          returns?: unknown
          throws?: true
        }
    >
  >
  request: {
    method?: string
    /** The request target, the stage included. */
    path: string
    headers?: readonly (readonly [name: string, value: string])[]
    body?: string
    /** Sends this many bytes instead of `body`. */
    bytes?: number
  }
  response?: {
    status: number
    /** `null` for a header that is not there. */
    headers?: Readonly<Record<string, string | null>>
    body?: string
  }
  /** Members of the event that the handler of the route received. */
  event?: Readonly<Record<string, unknown>>
  /** Paths of members that the event does not have, such as `headers.Connection`. */
  absent?: readonly string[]
}
