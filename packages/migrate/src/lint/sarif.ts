import { isAbsolute, relative, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { LintFinding, LintLevel } from './finding.ts'
import { lintRules } from './lint-rules.ts'

/** A log in the Static Analysis Results Interchange Format, version 2.1.0. */
export type SarifLog = {
  readonly $schema: string
  readonly version: '2.1.0'
  readonly runs: readonly object[]
}

export type SarifOptions = {
  /** Of this package. */
  readonly toolVersion: string
  /** Directory that paths are made relative to, such as the root of the repository. */
  readonly root: string
}

const levels = { error: 'error', warning: 'warning', info: 'note' } as const satisfies Record<
  LintLevel,
  string
>

/** Findings as code hosts read them to show each one beside its line. */
export function toSarif(
  findings: readonly LintFinding[],
  { toolVersion, root }: SarifOptions,
): SarifLog {
  const ids = [...new Set(findings.map(({ rule }) => rule))].toSorted()
  const rules = ids.map((id) => ({
    id,
    shortDescription: { text: lintRules[id].title },
    defaultConfiguration: { level: levels[lintRules[id].level] },
  }))
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: { name: 'studioops-migrate', semanticVersion: toolVersion, rules },
        },
        columnKind: 'unicodeCodePoints',
        originalUriBaseIds: { ROOT: { uri: `${pathToFileURL(root).href}/` } },
        results: findings.map((finding) => resultOf(finding, { ids, root })),
      },
    ],
  }
}

type Context = { readonly ids: readonly string[]; readonly root: string }

function resultOf(finding: LintFinding, { ids, root }: Context): object {
  const { rule, level, because, blocks, remedy, line, column, object, ignored } = finding
  return {
    ruleId: rule,
    ruleIndex: ids.indexOf(rule),
    level: levels[level],
    message: { text: [because, ...(blocks === undefined ? [] : [blocks]), remedy].join(' ') },
    locations: [
      {
        physicalLocation: {
          artifactLocation: artifactOf(finding.file, root),
          region: { startLine: line, startColumn: column },
        },
        ...(object === undefined ? {} : { logicalLocations: [{ fullyQualifiedName: object }] }),
      },
    ],
    ...(ignored === undefined
      ? {}
      : { suppressions: [{ kind: 'inSource', justification: ignored }] }),
  }
}

function artifactOf(file: string, root: string): object {
  const path = isAbsolute(file) ? relative(root, file) : file
  const uri = path.split(sep).map(encodeURIComponent).join('/')
  return path.startsWith('..') ? { uri: pathToFileURL(file).href } : { uri, uriBaseId: 'ROOT' }
}
