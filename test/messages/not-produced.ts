/** A message that no test produces, and why. */
export interface NotProduced {
  /** The file and the text, as `placeOf` writes them. */
  readonly where: string
  readonly why: string
}

const OLDER_NODE = 'The tests run on a Node that runs TypeScript.'
const CHECKED_BEFORE = 'The definition was checked before, so this only narrows the type.'

/**
 * Messages that no test can produce. Each is a check that stays, because what makes it superfluous is in another place, or a text
 * that a table has to have.
 */
export const NOT_PRODUCED: readonly NotProduced[] = [
  {
    where: 'packages/cdk/src/iam-guarded-api.ts: "apis.{name}" must be an HTTP API or a REST API',
    why: CHECKED_BEFORE,
  },
  {
    where: 'packages/iamfetch/src/call.ts: The call has ended.',
    why: 'It ends work that goes on after its call was settled, so nothing receives it.',
  },
  {
    where:
      'packages/iamfetch/src/refusal/kinds.ts: The signature is valid, but the policy of the role does not allow this call.',
    why: 'The table has a text for each kind. This kind is only recognised with the caller and the action, and then the message names them.',
  },
  {
    where: 'packages/local/src/api-gateway/authorize.ts: the API has no authorizer {name}',
    why: CHECKED_BEFORE,
  },
  {
    where:
      'packages/local/src/backends/function-of.ts: The handler is not connected: it is a file or an address.',
    why: 'A stack connects every handler when it starts, so this only narrows the type.',
  },
  {
    where:
      'packages/local/src/backends/function-of.ts: The handler is not connected: it is a file.',
    why: 'A stack connects every handler when it starts, so this only narrows the type.',
  },
  {
    where:
      'packages/local/src/backends/handler-file.ts: has a TypeScript file, which needs Node 22.18 or later; this is Node {version}',
    why: OLDER_NODE,
  },
  {
    where:
      'packages/local/src/faults/apply-fault.ts: the fault "drop" needs a connection, and this call came without one',
    why: 'Every call at the servers of a stack comes with its connection.',
  },
  {
    where: 'packages/local/src/http/listen.ts: the server has no TCP port',
    why: 'A server that listens at a port has one; Node types it for pipes as well.',
  },
  {
    where:
      'packages/local/src/iam/signed-operation.ts: a signed operation was called without its raw request',
    why: 'The server hands each operation its request. No operation may run unsigned if that is ever forgotten.',
  },
  {
    where: 'packages/local/src/iam/signed-operation.ts: The request target is malformed.',
    why: 'The server refuses such a target before the operation. The signature is not checked against a guessed path if that is ever forgotten.',
  },
  {
    where:
      'packages/local/src/terminal/load.ts: Node {node} does not run TypeScript: {path} needs Node 22.18 or later. npm brings one:\n  npx -p node@24 -p @iamfetch/local iamfetch-local {path}\nOr write the definition as .mjs.',
    why: OLDER_NODE,
  },
  {
    where: 'packages/local/src/terminal/stack-thread.ts: Nothing runs.',
    why: 'The command orders it only while a stack runs.',
  },
  {
    where:
      'packages/server/src/refusal.ts: Name the user pool in "userPools", so that the token is verified here, or attach an authorizer to the route.',
    why: 'The table has a remedy for each code. Both places that refuse with CALLER_UNPROVEN give a more exact one.',
  },
]
