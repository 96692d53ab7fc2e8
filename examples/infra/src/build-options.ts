import type { ThrottleSettings } from 'aws-cdk-lib/aws-apigatewayv2'
import type { Duration } from 'aws-cdk-lib'
import type { HandlerFile } from './handler-file.ts'
import type { BuiltUserPool } from './user-pool.ts'

/** What a definition leaves open, because the local stack has no need of it. */
export interface BuildOptions {
  /** The modules that the routes' handlers come from; each handler has to be an export of one of them. */
  handlerFiles: readonly HandlerFile[]
  /** Which of the definition's `roles` a route's function runs with, besides writing its log. */
  runsAs?: (api: string, route: string) => string | undefined
  /** Environment variables of the functions, or what gives them when the user pool is known. */
  environment?:
    | Record<string, string>
    | ((userPool: BuiltUserPool | undefined) => Record<string, string>)
  /**
   * The ARNs of secrets that the definition's `roles` name as the local stack does (`secret:acme-??????`) and that
   * another stack created. Those of this stack's own `appClients` are known.
   */
  secretArns?: Readonly<Record<string, string>>
  /** How often the secrets of `appClients` are rotated. Defaults to never. */
  rotateAfter?: Duration
  /** How much the APIs take before they answer 429. @default 20 a second, bursts of 40 */
  throttle?: ThrottleSettings
}
