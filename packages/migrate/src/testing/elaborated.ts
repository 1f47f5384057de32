import { expect } from 'vitest'
import { analyseHistory } from '../analyse/analyse.ts'
import type { LintedMigration } from '../lint/scene.ts'
import type { Shadow } from '../shadow/shadow.ts'
import { sourcesOf } from '../text/directory.ts'
import { loadParser } from '../text/parser.ts'

/** What to try: statements that ran long ago, and files that are pending. */
export type Given = {
  readonly before?: readonly string[] | undefined
  readonly timeZone?: string | undefined
  /** By file name. */
  readonly files: Readonly<Record<string, string>>
}

/** Tries pending files in a shadow that is emptied first, and gives what was seen. */
export async function elaborated(shadow: Shadow, given: Given): Promise<LintedMigration[]> {
  const { before = [], timeZone, files } = given
  await shadow.query('drop schema if exists public, elsewhere cascade')
  await shadow.query('create schema public')
  await shadow.query('set search_path = public')
  for (const text of before) await shadow.query(text)
  const read = sourcesOf([
    { name: '0000_start.sql', bytes: Buffer.from(before.join(';\n')) },
    ...Object.entries(files).map(([name, text]) => ({ name, bytes: Buffer.from(text) })),
  ])
  expect(read.objections).toEqual([])
  const analyses = analyseHistory(read.sources, { parser: await loadParser() })
  const found: LintedMigration[] = []
  for (const [index, source] of read.sources.entries()) {
    const analysis = analyses[index]
    if (index === 0 || analysis === undefined) continue
    const was = await shadow.facts()
    const zone = timeZone === undefined ? [] : [{ text: `set timezone = '${timeZone}'` }]
    const replay = await shadow.replay([
      ...zone,
      ...analysis.statements.map((statement) => ({
        text: statement.text,
        txClass: statement.txClass,
        endsGroup: statement.boundary?.usedBy !== undefined,
      })),
    ])
    expect(replay).toMatchObject({ kind: 'done' })
    const observations = replay.observations.slice(zone.length)
    found.push({ source, analysis, observations, before: was, after: await shadow.facts() })
  }
  return found
}
