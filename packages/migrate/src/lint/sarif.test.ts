import { expect, it } from 'vitest'
import type { LintFinding } from './finding.ts'
import { toSarif } from './sarif.ts'

const finding: LintFinding = {
  rule: 'index-not-concurrent',
  level: 'error',
  migration: '0001_a',
  file: '/srv/app/migrations/0001 טבלה.sql',
  statementNo: 2,
  line: 3,
  column: 5,
  object: 'public.t',
  locks: [{ relation: 'public.t', mode: 'share' }],
  certainty: 'measured',
  because: 'This builds an index.',
  blocks: 'SHARE on public.t.',
  remedy: 'Write CONCURRENTLY.',
  hebrew: { because: 'א', remedy: 'ב' },
  ignored: undefined,
}

it('writes what code hosts read: rules once, places below the root, accepted findings as such', () => {
  const accepted = {
    ...finding,
    rule: 'exclusive-lock',
    level: 'info',
    ignored: 'at night',
  } as const
  const outside = { ...finding, file: '/elsewhere/a.sql' }
  const log = toSarif([finding, accepted, outside], { toolVersion: '1.2.3', root: '/srv/app' })
  expect(log).toEqual({
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'studioops-migrate',
            semanticVersion: '1.2.3',
            rules: [
              {
                id: 'exclusive-lock',
                shortDescription: { text: 'Takes ACCESS EXCLUSIVE for a moment' },
                defaultConfiguration: { level: 'note' },
              },
              {
                id: 'index-not-concurrent',
                shortDescription: { text: 'An index that is built while writes wait' },
                defaultConfiguration: { level: 'error' },
              },
            ],
          },
        },
        columnKind: 'unicodeCodePoints',
        originalUriBaseIds: { ROOT: { uri: 'file:///srv/app/' } },
        results: [
          {
            ruleId: 'index-not-concurrent',
            ruleIndex: 1,
            level: 'error',
            message: { text: 'This builds an index. SHARE on public.t. Write CONCURRENTLY.' },
            locations: [
              {
                physicalLocation: {
                  artifactLocation: {
                    uri: 'migrations/0001%20%D7%98%D7%91%D7%9C%D7%94.sql',
                    uriBaseId: 'ROOT',
                  },
                  region: { startLine: 3, startColumn: 5 },
                },
                logicalLocations: [{ fullyQualifiedName: 'public.t' }],
              },
            ],
          },
          expect.objectContaining({
            ruleId: 'exclusive-lock',
            ruleIndex: 0,
            level: 'note',
            suppressions: [{ kind: 'inSource', justification: 'at night' }],
          }),
          expect.objectContaining({
            locations: [
              expect.objectContaining({
                physicalLocation: expect.objectContaining({
                  artifactLocation: { uri: 'file:///elsewhere/a.sql' },
                }),
              }),
            ],
          }),
        ],
      },
    ],
  })
})
