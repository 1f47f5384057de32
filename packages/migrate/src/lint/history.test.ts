import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { openShadow, type Shadow } from '../shadow/shadow.ts'
import { elaborated } from '../testing/elaborated.ts'
import { historyFrom, randomSteps, textOfFile } from '../testing/history.ts'
import { lint } from './lint.ts'
import { lintText } from './print.ts'
import type { LintFinding } from './finding.ts'

vi.setConfig({ testTimeout: 120_000 })

let shadow: Shadow
beforeAll(async () => {
  shadow = await openShadow()
}, 60_000)
afterAll(() => shadow?.close())

const isAboutOthers = ({ level, locks }: LintFinding) => level === 'error' || locks.length > 0

it.each([2, 8, 10, 12])(
  'finds nobody to wait or to miss anything in a history from its beginning (seed %i) [MIG-12]',
  async (seed) => {
    const { files: generated } = historyFrom(randomSteps(seed, 40))
    const files = Object.fromEntries(generated.map((file) => [`${file.id}.sql`, textOfFile(file)]))
    await shadow.query(
      `do $$ declare name text; begin
        for name in select nspname from pg_namespace where nspname !~ '^(pg_|information_schema)'
        loop execute format('drop schema %I cascade', name); end loop; end $$`,
    )
    await shadow.query('create schema public')
    const migrations = await elaborated(shadow, { files })
    expect(lintText((await lint({ migrations })).filter(isAboutOthers))).toBe('')
    const texts = migrations.map(({ source, analysis }) => ({ source, analysis }))
    expect(lintText((await lint({ migrations: texts })).filter(isAboutOthers))).toBe('')
  },
)
