import { createEvaluator, type Evaluator, type PolicyDocument } from '@iamfetch/policy'

const evaluators = new WeakMap<PolicyDocument, Evaluator>()

/** Returns the evaluator of an identity policy. It reads the policy once, so the document must not change afterwards. */
export function evaluatorOf(policy: PolicyDocument): Evaluator {
  const known = evaluators.get(policy)
  if (known) return known
  const evaluator = createEvaluator(policy)
  evaluators.set(policy, evaluator)
  return evaluator
}
