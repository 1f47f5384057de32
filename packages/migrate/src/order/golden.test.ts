import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { catalogAfter } from '../analyse/analyse.ts'
import type { Objection } from '../objection.ts'
import { readMigrationDirectory } from '../text/directory.ts'
import { loadParser, type Parser } from '../text/parser.ts'
import { judgeOrder, type OrderVerdict } from './verdict.ts'

type Expected = {
  readonly about: string
  readonly kind: OrderVerdict['kind']
  readonly objections: readonly ExpectedObjection[]
  readonly warnings?: readonly ExpectedObjection[]
  readonly order?: readonly string[]
  readonly after?: Readonly<Record<string, readonly string[]>>
}
type ExpectedObjection = Pick<Objection, 'code' | 'migration' | 'object' | 'line' | 'column'> & {
  /** Id of the file that makes, drops or hides the object. */
  readonly other?: string
  /** A part of the remedy. */
  readonly remedy?: string
}

const fixtures = join(import.meta.dirname, '../../fixtures/mig-10')
const cases = globSync('*/expected.json', { cwd: fixtures })
  .map((path) => dirname(path))
  .toSorted((left, right) => (left < right ? -1 : 1))

let parser: Parser
beforeAll(async () => {
  parser = await loadParser()
})

async function judge(name: string, reverse = false) {
  const { sources } = await readMigrationDirectory(join(fixtures, name), { why: 'required' })
  const startFolder = join(fixtures, name, 'start')
  const start = existsSync(startFolder) ? (await readMigrationDirectory(startFolder)).sources : []
  const given = reverse ? sources.toReversed() : sources
  return judgeOrder(given, { parser, start: () => catalogAfter(start, parser) })
}

/** Only what the fixture speaks about. */
function summary(found: Objection, expected: Partial<ExpectedObjection> = {}): object {
  const { code, migration, object, line, column } = found
  const remedy = found.remedy.includes(expected.remedy ?? '') ? expected.remedy : found.remedy
  const other = expected.other === undefined ? undefined : found.other?.migration
  const all = { code, migration, object, line, column, other, remedy }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}
const summaries = (found: readonly Objection[], expected: readonly ExpectedObjection[] = []) =>
  found.map((objection, index) => summary(objection, expected[index]))

describe.each(cases)('golden fixture %s', (name) => {
  const text = readFileSync(join(fixtures, name, 'expected.json'), 'utf8')
  const expected = JSON.parse(text) as Expected

  it(`is judged before anything runs: ${expected.about} [MIG-10]`, async () => {
    const verdict = await judge(name)

    expect(verdict.kind).toBe(expected.kind)
    expect(summaries(verdict.objections, expected.objections)).toEqual(expected.objections)
    expect(summaries(verdict.warnings, expected.warnings)).toEqual(expected.warnings ?? [])
    const order = verdict.kind === 'ordered' ? verdict.order : verdict.proposal?.order
    expect(order).toEqual(expected.order)
    expect(Object.fromEntries(verdict.proposal?.after ?? [])).toEqual(expected.after ?? {})
  })

  it('is judged alike in whatever order the files are read [MIG-2]', async () => {
    const { analyses: _, ...verdict } = await judge(name)
    const { analyses: __, ...reversed } = await judge(name, true)
    expect(reversed).toEqual(verdict)
  })

  it('names both places in English and Hebrew, with what to do [MIG-10]', async () => {
    for (const { because, hebrew, remedy, object, other } of (await judge(name)).objections) {
      expect(because).toContain(object)
      expect(hebrew.because).toContain(object)
      expect(because + hebrew.because + remedy + hebrew.remedy).not.toContain('–')
      expect(because).toContain(basename(other?.file ?? ''))
    }
  })
})
