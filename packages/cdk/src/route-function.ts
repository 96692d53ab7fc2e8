import { invalidOption } from '@iamfetch/core'
import { fillPlaceholders, type PolicyDocument } from '@iamfetch/local'
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import { PolicyDocument as Document, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Architecture, Runtime } from 'aws-cdk-lib/aws-lambda'
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The code of a function. */
export interface FunctionCode {
  /** The file that exports the handler. */
  file: string
  /** The name of the export. */
  name: string
  environment: Record<string, string>
  /** One of the definition's `roles`. */
  policy: PolicyDocument | undefined
  /** Replaces `USER_POOL_ID` in the policy. */
  userPoolId: string | undefined
  /** The ARNs of secrets by the names that the policy uses. Defaults to none. */
  secretArns?: Readonly<Record<string, string>> | undefined
  /** How long one call may take. Defaults to 15 seconds. */
  timeout?: Duration | undefined
}

/**
 * Builds one function with its own role.
 *
 * The role may write the function's own log and do what `policy` allows; nothing else. The bundle is made by
 * esbuild from the handler's sources, without Docker.
 */
export function buildFunction(scope: Construct, id: string, code: FunctionCode): NodejsFunction {
  const { region, account: accountId } = Stack.of(scope)
  const values = { region, accountId, apiIds: {}, userPoolId: code.userPoolId }
  const own =
    code.policy &&
    Document.fromJson(
      withSecretArns(
        fillPlaceholders(code.policy, values, `role of ${id}`),
        code.secretArns ?? {},
        `arn:aws:secretsmanager:${region}:${accountId}:secret:`,
      ),
    )
  const role = new Role(scope, `Role ${id}`, {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    ...(own && { inlinePolicies: { Definition: own } }),
  })
  const root = projectOf(code.file)
  const logGroup = logGroupOf(scope, `Log ${id}`)
  logGroup.grantWrite(role)
  return new NodejsFunction(scope, `Function ${id}`, {
    entry: code.file,
    handler: code.name,
    environment: code.environment,
    role,
    logGroup,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    memorySize: 256,
    timeout: code.timeout ?? Duration.seconds(15),
    projectRoot: root,
    depsLockFilePath: lockFileIn(root)!,
    bundling: {
      format: OutputFormat.ESM,
      target: 'node24',
      minify: true,
      // The AWS SDK is CommonJS. In a bundle that is an ES module its `require` calls need a real one:
      // https://github.com/evanw/esbuild/issues/1921
      banner:
        "import { createRequire } from 'node:module';const require=createRequire(import.meta.url);",
      // Everything is in the bundle; nothing depends on what the runtime happens to bring.
      externalModules: [],
      // In this repository packages come from their sources, so nothing has to be built before.
      ...(IS_SOURCE && { esbuildArgs: { '--conditions': '@iamfetch/source' } }),
    },
  })
}

/**
 * Replaces the local stack's ARN of a secret, its name and six characters, by the ARN of the deployed secret, whose
 * name CloudFormation generates.
 */
function withSecretArns(
  document: PolicyDocument,
  secretArns: Readonly<Record<string, string>>,
  prefix: string,
): PolicyDocument {
  const arnOf = new Map(
    Object.entries(secretArns).map(([name, arn]) => [`${prefix}${name}-??????`, arn]),
  )
  const copy: PolicyDocument = JSON.parse(JSON.stringify(document), (_, value: unknown) =>
    typeof value === 'string' ? (arnOf.get(value) ?? value) : value,
  )
  // A document may have one statement without a list; aws-cdk-lib takes lists only.
  return { ...copy, Statement: [copy.Statement].flat() }
}

/** Whether this is the source, and not the built package. */
const IS_SOURCE = import.meta.url.endsWith('.ts')

const LOCK_FILES = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'bun.lock',
  'bun.lockb',
]

const lockFileIn = (folder: string): string | undefined =>
  LOCK_FILES.map((name) => join(folder, name)).find((file) => existsSync(file))

/** The project of a handler: the closest folder above it with a lock file, whose packages and esbuild make the bundle. */
function projectOf(file: string): string {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    if (lockFileIn(folder) !== undefined) return folder
  }
  throw invalidOption(
    'IamGuardedApi',
    '"handlers" must be files of a project with a lock file (run npm install there)',
    file,
  )
}

/** A log group that keeps its entries for a month and is deleted with the stack. */
export const logGroupOf = (scope: Construct, id: string, logGroupName?: string): LogGroup =>
  new LogGroup(scope, id, {
    ...(logGroupName !== undefined && { logGroupName }),
    retention: RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  })
