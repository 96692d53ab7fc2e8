import { fillPlaceholders, type PolicyDocument } from '@iamfetch/local'
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import { PolicyDocument as Document, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Architecture, Runtime } from 'aws-cdk-lib/aws-lambda'
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * Builds one function, with a role of its own.
 *
 * The role may write the function's own log, and what `policy` says; nothing else. The bundle is made by
 * esbuild from the handler's sources, without Docker.
 *
 * @param policy  One of the definition's `roles`.
 */
export function buildFunction(
  scope: Construct,
  id: string,
  code: {
    file: string
    name: string
    environment: Record<string, string>
    policy: PolicyDocument | undefined
    /** For `USER_POOL_ID` in the policy. */
    userPoolId: string | undefined
  },
): NodejsFunction {
  const { region, account: accountId } = Stack.of(scope)
  const values = { region, accountId, apiIds: {}, userPoolId: code.userPoolId }
  const own =
    code.policy && Document.fromJson(fillPlaceholders(code.policy, values, `role of ${id}`))
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
    timeout: Duration.seconds(15),
    projectRoot: root,
    depsLockFilePath: join(root, 'package-lock.json'),
    bundling: {
      format: OutputFormat.ESM,
      target: 'node24',
      minify: true,
      // Everything is in the bundle; nothing depends on what the runtime happens to bring.
      externalModules: [],
      // The packages of this repository come from their sources, so nothing has to be built before.
      esbuildArgs: { '--conditions': '@iamfetch/source' },
    },
  })
}

/** The project of a handler: the folder above it with a lock file, whose packages and esbuild make the bundle. */
function projectOf(file: string): string {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'package-lock.json'))) return folder
  }
  throw new TypeError(`${file}: no folder above it has a package-lock.json. Run npm install there.`)
}

/** A log group that keeps a month, and goes with the stack. */
export const logGroupOf = (scope: Construct, id: string): LogGroup =>
  new LogGroup(scope, id, {
    retention: RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  })
