import type { PolicyDocument } from '@iamfetch/policy'
import type { HandlerFile, HandlerSource, StreamedHandler } from './backend.ts'
import type { CorsDefinition } from './api.ts'

/** The members that every function URL has. */
interface FunctionUrlBase {
  /** `AWS_IAM`: SigV4 for the service `lambda` and policies decide. `NONE`: every caller may call, unless `resourcePolicy` says otherwise. */
  authType: 'AWS_IAM' | 'NONE'
  /** The name of the function, for policies: `arn:aws:lambda:REGION:ACCOUNT_ID:function:NAME`. Defaults to the name in the definition. */
  functionName?: string
  /**
   * Which other origins may call. `allowMethods` defaults to all methods and `allowHeaders` to what a signed request needs; on
   * AWS both default to none. With it, preflights get a response without a signature and do not reach the function.
   */
  cors?: Omit<CorsDefinition, 'onErrors'>
  /**
   * The resource-based policy of the function. A caller needs an allow here or in the policy of the role; a deny always counts.
   * Defaults to none for `AWS_IAM`, and for `NONE` to the public permission that the Lambda console and SAM add.
   */
  resourcePolicy?: PolicyDocument
}

/** A function URL that responds when its function has returned, with at most 6 MB. */
export interface BufferedFunctionUrlDefinition extends FunctionUrlBase {
  /** @default 'BUFFERED' */
  invokeMode?: 'BUFFERED'
  /** The function: in this process, in a file, or where something else runs it. */
  handler: HandlerSource
}

/** A function URL that sends its response while the function writes it. */
export interface StreamedFunctionUrlDefinition extends FunctionUrlBase {
  invokeMode: 'RESPONSE_STREAM'
  /** What `awslambda.streamifyResponse` returned: in this process, or in a file. */
  handler: StreamedHandler | string | HandlerFile
}

/**
 * A Lambda function URL: a function with its own HTTPS address, without API Gateway.
 *
 * Calls are signed for the service `lambda`. A caller needs `lambda:InvokeFunctionUrl` and, as function URLs created since October
 * 2025, `lambda:InvokeFunction` for the function; the condition keys `lambda:FunctionUrlAuthType` and
 * `lambda:InvokedViaFunctionUrl` are set. Events have format 2.0 and never a Cognito identity: the caller is the role.
 *
 * @see [AWS: function URLs](https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html),
 *   [access](https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html),
 *   [events](https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html)
 */
export type FunctionUrlDefinition = BufferedFunctionUrlDefinition | StreamedFunctionUrlDefinition
