import type { Language } from '../objection.ts'
import type { LintFinding } from './finding.ts'

/** Findings as lines for a terminal: place, level, rule, what is the matter, who waits, what to do. */
export function lintText(findings: readonly LintFinding[], language: Language = 'en'): string {
  return findings.map((finding) => findingText(finding, language)).join('\n')
}

function findingText(finding: LintFinding, language: Language): string {
  const { because, blocks, remedy } = language === 'he' ? finding.hebrew : finding
  const place = `${finding.file}:${finding.line}:${finding.column}`
  return [
    `${place}: ${finding.level} ${finding.rule}: ${because}`,
    ...(blocks === undefined ? [] : [`  ${blocks}`]),
    `  → ${remedy}`,
    ...(finding.ignored === undefined ? [] : [`  (lint-ignore: ${finding.ignored})`]),
  ].join('\n')
}

/** Findings as JSON that scripts read: an array of `LintFinding`, absent fields left out. */
export function lintJson(findings: readonly LintFinding[]): string {
  return `${JSON.stringify(findings, null, 2)}\n`
}

/** How many there are of each level; those that are accepted are not counted. */
export function countFindings(
  findings: readonly LintFinding[],
): Readonly<Record<LintFinding['level'], number>> {
  const counts = { error: 0, warning: 0, info: 0 }
  for (const { level, ignored } of findings) if (ignored === undefined) counts[level] += 1
  return counts
}
