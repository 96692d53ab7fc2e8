import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { result, step, unchecked } from './report.mjs'
import { run } from './process.mjs'

/** Known holes in what a consumer gets with our packages. */
export function audit(project) {
  step('Runtime dependencies')
  const { out } = run('npm', ['audit', '--omit=dev', '--json'], { cwd: project })
  let report
  try {
    report = JSON.parse(out)
  } catch {
    // Said below.
  }
  const counts = report?.metadata?.vulnerabilities
  if (!counts) {
    return unchecked(
      'npm audit',
      `the registry gave no report: ${(report?.message ?? '').replace(/ - .*/, '') || 'no answer'}`,
    )
  }
  result(counts.total === 0, `npm audit --omit=dev: ${counts.total} known holes`, out)
}

/** Writes the bill of materials of what a consumer gets: CycloneDX, as npm makes it. */
export function writeSbom(project, file) {
  const { fine, out, all } = run('npm', ['sbom', '--omit=dev', '--sbom-format=cyclonedx'], {
    cwd: project,
  })
  if (!fine) return result(false, 'npm sbom', all)
  const bill = JSON.parse(out)
  // Tarballs have paths of this machine in them.
  const text = JSON.stringify(
    bill,
    (key, value) => (key === 'externalReferences' ? undefined : value),
    2,
  )
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${text}\n`)
  const licences = new Set(
    bill.components.flatMap(({ licenses = [] }) =>
      licenses.map(({ license, expression }) => expression ?? license.id),
    ),
  )
  result(
    bill.components.length > 0 &&
      [...licences].every((one) => /^\(?(MIT|ISC|0BSD|BSD-[23]-Clause|Apache-2\.0)\b/.test(one)),
    `SBOM of ${bill.components.length} packages, licences: ${[...licences].join(', ')}`,
    text.slice(0, 2000),
  )
}
