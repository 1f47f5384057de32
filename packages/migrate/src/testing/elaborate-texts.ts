import type { MigrationAnalysis } from '../analyse/analysis.ts'
import { analyseHistory } from '../analyse/analyse.ts'
import type { Query } from '../catalog/query.ts'
import { elaborate } from '../plan/elaborate.ts'
import type { Elaboration } from '../plan/elaboration.ts'
import { readTarget } from '../plan/target.ts'
import { checksumOf } from '../text/checksum.ts'
import { sourcesOf } from '../text/directory.ts'
import { loadParser } from '../text/parser.ts'

export type ElaboratedTexts = {
  readonly elaboration: Elaboration
  /** Of what has run. */
  readonly completed: readonly MigrationAnalysis[]
  /** One for each pending text: `0002_file` and so on. */
  readonly checksums: readonly string[]
}

/** Id of the file that stands at a place among all of them. */
export const idOfText = (index: number) => `${String(index + 1).padStart(4, '0')}_file`

/** Tries files for a database, the first of which have run on it already. */
export async function elaborateTexts(
  query: Query,
  texts: { readonly done: readonly string[]; readonly pending: readonly string[] },
): Promise<ElaboratedTexts> {
  const parser = await loadParser()
  const { sources } = sourcesOf(
    [...texts.done, ...texts.pending].map((text, index) => ({
      name: `${idOfText(index)}.sql`,
      bytes: Buffer.from(text),
    })),
  )
  const analyses = analyseHistory(sources, { parser })
  const all = sources.flatMap((source, index) => {
    const analysis = analyses[index]
    return analysis === undefined
      ? []
      : [{ source, analysis, checksum: checksumOf(source, parser) }]
  })
  const count = texts.done.length
  const elaboration = await elaborate({
    parser,
    completed: all.slice(0, count),
    pending: all.slice(count),
    target: await readTarget(query),
    findsInverses: false,
  })
  return {
    elaboration,
    completed: all.slice(0, count).map(({ analysis }) => analysis),
    checksums: all.slice(count).map(({ checksum }) => checksum),
  }
}
