import type { ClientConfig } from 'pg'
import type { MigrationAnalysis } from '../analyse/analysis.ts'
import { analyseHistory } from '../analyse/analyse.ts'
import type { Query } from '../catalog/query.ts'
import { elaborate } from '../plan/elaborate.ts'
import type { ElaboratedMigration, Elaboration } from '../plan/elaboration.ts'
import { shadowStatements } from '../plan/shadow-statements.ts'
import { readTarget } from '../plan/target.ts'
import { openScratchShadow } from '../shadow/shadow.ts'
import { checksumOf } from '../text/checksum.ts'
import { sourcesOf } from '../text/directory.ts'
import { loadParser } from '../text/parser.ts'

/**
 * The same in a scratch database beside the target, which takes a fraction of the time. A text that
 * the server refuses is an error here.
 */
export async function elaborateOnServer(
  connection: ClientConfig,
  texts: { readonly done: readonly string[]; readonly pending: readonly string[] },
): Promise<Elaboration> {
  const all = await analysed([...texts.done, ...texts.pending])
  const shadow = await openScratchShadow({ connection })
  try {
    const replay = async ({ analysis }: Analysed, observe: boolean) => {
      const result = await shadow.replay(shadowStatements(analysis), { observe })
      if (result.kind === 'failed') throw new Error(`${analysis.id}: ${result.error.message}`)
      return result.observations
    }
    for (const one of all.slice(0, texts.done.length)) await replay(one, false)
    const expected = await shadow.facts()
    const migrations: ElaboratedMigration[] = []
    let before = expected
    for (const one of all.slice(texts.done.length)) {
      const observations = await replay(one, true)
      const after = await shadow.facts()
      const inverse = { kind: 'none', because: 'nobody asked for it' } as const
      const unknown = { fingerprints: [], inverse, prefixes: new Map() }
      migrations.push({ ...one, observations, before, after, ...unknown })
      before = after
    }
    return {
      shadow: { kind: 'server', major: shadow.major },
      expected,
      migrations,
      objections: [],
    }
  } finally {
    await shadow.close()
  }
}

type Analysed = Pick<ElaboratedMigration, 'source' | 'analysis' | 'checksum'>

async function analysed(texts: readonly string[]): Promise<Analysed[]> {
  const parser = await loadParser()
  const { sources } = sourcesOf(
    texts.map((text, index) => ({ name: `${idOfText(index)}.sql`, bytes: Buffer.from(text) })),
  )
  const analyses = analyseHistory(sources, { parser })
  return sources.flatMap((source, index) => {
    const analysis = analyses[index]
    return analysis === undefined
      ? []
      : [{ source, analysis, checksum: checksumOf(source, parser) }]
  })
}

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
  texts: {
    readonly done: readonly string[]
    readonly pending: readonly string[]
    /** For a scratch database, where PGlite has another version. */
    readonly connection?: ClientConfig
  },
): Promise<ElaboratedTexts> {
  const parser = await loadParser()
  const all = await analysed([...texts.done, ...texts.pending])
  const count = texts.done.length
  const elaboration = await elaborate({
    parser,
    completed: all.slice(0, count),
    pending: all.slice(count),
    target: await readTarget(query),
    connection: texts.connection,
    findsInverses: false,
  })
  return {
    elaboration,
    completed: all.slice(0, count).map(({ analysis }) => analysis),
    checksums: all.slice(count).map(({ checksum }) => checksum),
  }
}
