import { checkAllowedHosts, checkListenAddress } from './http/host.ts'
import type { OnRequest } from './http/request-log.ts'
import type { SentCode } from './cognito-user-pool/verification-codes.ts'
import { checkDefinition } from './definition/check-definition.ts'
import type { StackDefinition } from './definition/definition.ts'
import type { Clock, Faults } from './faults/faults.ts'
import { checkOptions, invalidOption, type OptionNames } from './invalid-option.ts'
import type { Memory } from './memory.ts'
import { checkPorts, type Ports } from './ports.ts'

/** How a stack starts. */
export interface StartOptions {
  /** Fixed ports. A port that is not given is any free one. */
  ports?: Ports
  /** The stack's time. With `faults`, pass it to `createFaults` instead. @default Date */
  clock?: Clock
  /** Created with `createFaults`, to make the stack misbehave. */
  faults?: Faults
  /**
   * Host names that the stack responds to in addition to `localhost`, names under it and addresses, without a port: what a
   * container (`host.docker.internal`), a hosts file or a proxy calls this machine. Others get a 421, as a page on
   * another's host name might have that turned to 127.0.0.1 (DNS rebinding). Add no name that others can turn.
   *
   * @default []
   */
  allowedHosts?: readonly string[] | undefined
  /**
   * The one address that it listens at. `0.0.0.0` is for containers, whose published ports reach nothing else: then everything
   * that reaches the ports can sign in, read `config.json` and call the APIs, and handlers run in this process. It needs
   * `allowedHosts`. The URLs in `config` have this address, or 127.0.0.1 for `0.0.0.0` and `::`.
   *
   * @default 127.0.0.1, and ::1 at the same ports where the machine has it and no other program listens there
   */
  host?: string | undefined
  /**
   * The folder that relative paths in the definition start from, such as those of handler files.
   *
   * @default process.cwd()
   */
  directory?: string | undefined
  /**
   * What an earlier stack knew, from its `remember()`: this one takes its place, and users who signed in there stay
   * signed in here. It is ignored if it comes from another region or account. It contains secrets: keep it in memory.
   */
  memory?: Memory | undefined
  /**
   * Receives each code and temporary password that AWS would send to a user by mail. Defaults to printing it on stderr.
   */
  onCode?: ((sent: SentCode) => void) | undefined
  /** Receives each request after its response was created, with the true reason of a refusal. Upgrades to WebSocket are left out. */
  onRequest?: OnRequest | undefined
}

const OPTIONS: OptionNames<StartOptions> = {
  ports: true,
  clock: true,
  faults: true,
  allowedHosts: true,
  directory: true,
  host: true,
  memory: true,
  onCode: true,
  onRequest: true,
}

/** Checks a definition and the options of a start. @throws `TypeError` with the code `INVALID_OPTION` that names the place. */
export function checkStart(definition: StackDefinition, options: StartOptions): void {
  checkOptions('startLocalStack', options, OPTIONS)
  const { ports = {}, clock, allowedHosts = [], host } = options
  checkDefinition(definition)
  checkPorts(ports, definition)
  checkAllowedHosts(allowedHosts)
  if (host !== undefined) checkListenAddress(host, allowedHosts)
  if (clock && options.faults) {
    const remedy = 'write faults: createFaults({ clock })'
    throw invalidOption('startLocalStack', `"clock" must not be given with "faults"; ${remedy}`)
  }
}
