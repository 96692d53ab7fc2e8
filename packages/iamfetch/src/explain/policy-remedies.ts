import { POLICY_NAMES, principalName, type Refusal } from '../refusal.ts'
import type { DenyingPolicy } from '../refusal/denial.ts'
import type { Accounts } from './accounts.ts'

/** What is known about a denial, for the advice. */
export interface DeniedCall {
  principal: string
  action: string
  resource: string | undefined
  refusal: Refusal
  accounts: Accounts
}

/** What to do about a denial, the most likely first. */
export function policyRemedies(denied: DeniedCall): string[] {
  const { refusal, principal } = denied
  if (refusal.policy) return BY_POLICY[refusal.policy](denied)
  if (principal === 'anonymous') return refusal.explicit ? deniedAnonymously() : anonymous(denied)
  if (refusal.explicit) {
    return [
      'Narrow the Deny statement that refuses the call, in a policy of the role or of the API itself; an Allow does not help.',
      CONDITIONS,
    ]
  }
  return allowOnTheCallersSide(denied)
}

/** Older messages do not name the policy, so both sides are advised. */
function allowOnTheCallersSide(denied: DeniedCall): string[] {
  const { principal, accounts } = denied
  const isAnotherAccount = accounts.relation === 'different'
  return [
    `Let a policy of ${holderOf(principal)} allow it: ${statement(denied)}.`,
    ...notes(denied),
    isAnotherAccount
      ? `Let the resource-based policy of the called resource in ${accounts.resource} allow ${principalArn(principal)} as well: both accounts must allow the call.`
      : 'Check the resource policy of what was called, if it has one: it must not leave this caller out.',
  ]
}

const CONDITIONS =
  'If the Deny has a condition (aws:SourceIp, aws:SourceVpce, aws:PrincipalOrgID, multi-factor authentication), meet it: a new signature does not change any of these.'

function anonymous(denied: DeniedCall): string[] {
  return [
    'Sign the call, and give the method or service IAM authorization, if the resource-based policy names roles or accounts.',
    `If anonymous callers are wanted, allow them in the resource-based policy: {"Effect":"Allow","Principal":"*","Action":"${denied.action}","Resource":"${resourceIn(denied)}"}.`,
    'If its Allow has a condition by address, VPC or VPC endpoint, call from one that it names: a signature does not change that.',
  ]
}

function deniedAnonymously(): string[] {
  return [
    'Find the Deny statement in the resource-based policy and its condition: by IP address (aws:SourceIp), VPC (aws:SourceVpc) or VPC endpoint (aws:SourceVpce).',
    'Call from an address or endpoint that the condition lets through, or correct the condition. A signature does not change it.',
  ]
}

const BY_POLICY: Readonly<Record<DenyingPolicy, (denied: DeniedCall) => string[]>> = {
  identity(denied) {
    if (!denied.refusal.explicit) return allowOnTheCallersSide(denied)
    return [
      `Narrow the Deny statement in ${namedPolicy(denied)} of ${holderOf(denied.principal)}; an Allow does not help.`,
      CONDITIONS,
    ]
  },
  resource(denied) {
    if (denied.principal === 'anonymous') {
      return denied.refusal.explicit ? deniedAnonymously() : anonymous(denied)
    }
    if (denied.refusal.explicit) {
      return [
        'Narrow the Deny statement in the resource-based policy of what was called.',
        CONDITIONS,
      ]
    }
    return [
      `Let the resource-based policy of what was called allow the caller: {"Effect":"Allow","Principal":${principalIn(denied.principal)},"Action":"${denied.action}","Resource":"${resourceIn(denied)}"}. A role with a path has the path in its ARN.`,
      ...notes(denied),
      ...(denied.accounts.relation === 'different'
        ? [`Let a policy of ${holderOf(denied.principal)} allow it as well: ${statement(denied)}.`]
        : []),
    ]
  },
  'permissions-boundary': (denied) => [
    denied.refusal.explicit
      ? `Narrow the Deny statement in the permissions boundary of ${holderOf(denied.principal)}.`
      : `Add the action to the permissions boundary of ${holderOf(denied.principal)}: ${statement(denied)}. Its other policies cannot allow more than the boundary.`,
  ],
  session(denied) {
    const isCognito = denied.principal.endsWith('/CognitoIdentityCredentials')
    return [
      ...(isCognito
        ? [
            'Sign the user in before the call: Cognito limits guests by a session policy to the services that its documentation lists. Only the basic (classic) flow lifts that limit.',
          ]
        : []),
      `${denied.refusal.explicit ? 'Narrow the Deny statement in' : 'Add the action to'} the session policy that was passed when the role was assumed (the parameter Policy or PolicyArns). The role's own policies cannot widen it.`,
    ]
  },
  'service-control': (denied) => [
    `Ask the administrators of the organization: ${namedPolicy(denied)} does not let this account do ${denied.action}. No policy in the account and no signature changes that.`,
    'If the policy allows some regions only, call in one of these.',
  ],
  'resource-control': (denied) => [
    `Ask the administrators of the organization that owns the resource: ${namedPolicy(denied)} refuses this caller. No policy in the account and no signature changes that.`,
  ],
  'vpc-endpoint': (denied) => [
    `Change the policy of the VPC endpoint through which the call went: ${denied.refusal.explicit ? 'narrow its Deny statement' : `let it allow ${statement(denied)}`}. No policy of the caller and no signature changes that.`,
    'Or call through another endpoint or over the internet.',
  ],
  'role-trust': (denied) => [
    `Let the trust policy of the role ${denied.refusal.explicit ? 'stop denying' : 'allow'} ${denied.action} for ${principalArn(denied.principal)}, with the conditions that the call meets.`,
  ],
  'lattice-service': (denied) => latticeRemedy(denied, 'service'),
  'lattice-network': (denied) => latticeRemedy(denied, 'service network'),
}

function latticeRemedy({ principal, refusal }: DeniedCall, where: string): string[] {
  const change = refusal.explicit ? 'Narrow the Deny statement in' : 'Let the caller in by'
  return [
    ...(principal === 'anonymous'
      ? ['Sign the call for the service vpc-lattice-svcs: it arrived without a signature.']
      : []),
    `${change} the auth policy of the VPC Lattice ${where}. The auth policies of the service and of the service network must both allow the call.`,
  ]
}

function namedPolicy({ refusal }: DeniedCall): string {
  if (refusal.policyArn) return `the policy ${refusal.policyArn}`
  return refusal.policy ? POLICY_NAMES[refusal.policy] : 'a policy'
}

/** `the role Readers` inside of a sentence. */
function holderOf(principal: string): string {
  const name = principalName(principal)
  return name.startsWith('The ') ? `t${name.slice(1)}` : name
}

const statement = (denied: DeniedCall): string =>
  `{"Effect":"Allow","Action":"${denied.action}","Resource":"${resourceIn(denied)}"}`

/** The resource for a statement. What the response does not tell is never made up. */
function resourceIn({ resource, accounts }: DeniedCall): string {
  if (resource === undefined || resource === '*') return '*'
  if (!resource.startsWith('arn:')) return `<ARN of ${resource}>`
  if (accounts.relation !== 'same' || !accounts.masked) return resource
  return resource.replace(/\*{8}\d{4}/, accounts.caller)
}

/** What to complete in a statement. */
function notes({ resource, accounts }: DeniedCall): string[] {
  if (resource === undefined) {
    return [
      'Replace "*" with the ARN of the resource if the action can be limited to one: AWS does not tell it here.',
    ]
  }
  if (resource !== '*' && !resource.startsWith('arn:')) {
    return [`Write the whole ARN of ${resource}: AWS tells only its name here.`]
  }
  if (accounts.relation === 'different' && /\*{8}\d{4}/.test(resource)) {
    return [
      `Replace the asterisks with the rest of the account of the API, which AWS hides: it is not the caller's.`,
    ]
  }
  return []
}

function principalIn(principal: string): string {
  return principal.startsWith('arn:')
    ? `{"AWS":"${principalArn(principal)}"}`
    : `{"Service":"${principal}"}`
}

/** The ARN of a principal for a policy: of the role, not of its session. A path of the role is not in the message. */
function principalArn(principal: string): string {
  return principal.replace(
    /:sts:([\w-]*):(\d{12}):assumed-role\/([^/]+)\/.*$/,
    ':iam:$1:$2:role/$3',
  )
}
