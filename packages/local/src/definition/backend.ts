/** A Lambda-shaped handler that runs in this process. */
// The events are as different as their APIs; a handler names the one that it is written for.
// oxlint-disable-next-line typescript/no-explicit-any
export type LocalHandler = (event: any, context: LocalContext) => unknown

/** A Lambda handler that writes its response to a stream: what `awslambda.streamifyResponse` returned. */
// The stream and the context have the types of the packages that describe Lambda.
// oxlint-disable-next-line typescript/no-explicit-any
export type StreamedHandler = (event: any, responseStream: any, context: any) => unknown

/** What a local handler learns about its invocation. */
export interface LocalContext {
  awsRequestId: string
  functionName: string
}

/**
 * A handler that is loaded from its file, in a separate thread. When the file or a file that it imports changes, the next
 * call loads it again, and the rest of the stack keeps running.
 */
export interface HandlerFile {
  /**
   * The file and the name of the export, for example `./src/notes.ts#handler`. Relative to the `directory` of
   * `startLocalStack`; from a terminal and with Vite, to the file of the definition. TypeScript needs Node 22.18 or later.
   */
  file: string
  /** Environment variables of the handler, in addition to those of this process. @default {} */
  environment?: Readonly<Record<string, string>>
  /** After how many seconds Lambda would end the function: 1 to 900. Defaults to the timeout of the API. */
  timeoutSeconds?: number
  /**
   * How many MB the function may use: 128 to 10240. The thread ends when JavaScript objects need more; buffers are not
   * counted. Defaults to the limit of Node.
   */
  memoryMb?: number
}

/**
 * A Lambda function that something else runs, reached by Lambda's `Invoke` operation without a signature: the Lambda runtime
 * interface emulator that AWS's base images for Python, Go, Java and others contain, `sam local start-lambda`, and the like.
 *
 * @see [AWS: runtime interface emulator](https://github.com/aws/aws-lambda-runtime-interface-emulator)
 */
export interface LambdaEndpoint {
  /** For example `http://127.0.0.1:9000/2015-03-31/functions/function/invocations`. */
  url: string
  /** After how many seconds the call is given up: 1 to 900. @default 30 */
  timeoutSeconds?: number
}

/**
 * An HTTP server behind a route, in any language.
 *
 * The server receives the method, the query, the headers and the body bytes of the request. Headers of the connection itself
 * and the SigV4 `Authorization` do not reach it.
 */
export interface HttpProxy {
  /**
   * An origin alone (`http://127.0.0.1:3001`) receives the path of the request, without the stage. With a path, that path is
   * called, with `{name}` replaced by the path parameter: `http://127.0.0.1:3001/v1/{proxy}`.
   */
  url: string
  /**
   * What is changed in the request, as in the parameter mapping of an HTTP API: `append:header.NAME`,
   * `overwrite:header.NAME`, `remove:header.NAME`, the same for `querystring.NAME`, and `overwrite:path`. Values may contain
   * `$context.…`, `$request.header.…`, `$request.querystring.…`, `$request.path` and `$request.path.…`.
   *
   * Use `overwrite` for headers that name the caller: it replaces a header of that name that the client sent, and removes it if the call has no
   * such value. The server must accept calls from the gateway alone.
   *
   * @default {}
   * @see [AWS: transforming API requests](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html)
   */
  requestParameters?: Readonly<Record<string, string>>
  /** When the call is given up, in milliseconds: 50 to 30000. @default 30000 for `http`, 29000 for `rest` */
  timeoutMs?: number
}

/** Where a function is: in this process, in a file (`./src/notes.ts#handler`), or somewhere else. */
export type HandlerSource = LocalHandler | string | HandlerFile | LambdaEndpoint
