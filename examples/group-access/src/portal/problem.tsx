import type { Problem } from './action.ts'

/** Shows what went wrong, also to a screen reader. */
export function ProblemNote({ problem }: { problem: Problem | undefined }) {
  return (
    <p role="alert" className="problem" hidden={!problem}>
      {problem && (
        <>
          <b>{problem.message}</b> {problem.remedy}
        </>
      )}
    </p>
  )
}
