import type { AnalysedStatement, MigrationAnalysis } from '../analyse/analysis.ts'
import type { Origin } from '../analyse/catalog.ts'
import type { Reference } from '../analyse/effects.ts'
import type { Key } from '../analyse/keys.ts'
import type { Place } from '../objection.ts'

/** A statement of a file, with the position of the file in the order. */
export type Site = {
  readonly analysis: MigrationAnalysis
  readonly statement: AnalysedStatement
  readonly at: number
}

/** Where keys are made and dropped, in the order of the analyses. */
export type Index = {
  makersOf(key: Key): readonly Site[]
  endersOf(key: Key): readonly Site[]
  siteOf(origin: Origin | undefined): Site | undefined
}

export function createIndex(analyses: readonly MigrationAnalysis[]): Index {
  const makers = new Map<Key, Site[]>()
  const enders = new Map<Key, Site[]>()
  const sites = sitesOf(analyses)
  for (const site of sites) {
    for (const key of site.statement.creates) push(makers, key, site)
    for (const key of site.statement.drops) push(enders, key, site)
  }
  const byOrigin = new Map(sites.map((site) => [`${site.analysis.id} ${site.statement.no}`, site]))
  return {
    makersOf: (key) =>
      key.endsWith('(*)') ? ofAnyArguments(makers, key) : (makers.get(key) ?? []),
    endersOf: (key) => enders.get(key) ?? [],
    siteOf: (origin) => byOrigin.get(`${origin?.migration} ${origin?.statementNo}`),
  }
}

export function sitesOf(analyses: readonly MigrationAnalysis[]): Site[] {
  return analyses.flatMap((analysis, at) =>
    analysis.statements.map((statement) => ({ analysis, statement, at })),
  )
}

function push(map: Map<Key, Site[]>, key: Key, site: Site): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [site])
  else list.push(site)
}

/** `f:public.g(*)` stands for the functions of that name with whatever arguments. */
function ofAnyArguments(map: ReadonlyMap<Key, Site[]>, key: Key): Site[] {
  const stem = key.slice(0, -2)
  return [...map].flatMap(([other, sites]) => (other.startsWith(stem) ? sites : []))
}

/** Whether one runs before the other. */
export function isBefore(left: Site, right: Site): boolean {
  return left.at < right.at || (left.at === right.at && left.statement.no < right.statement.no)
}

export function compareSites(left: Site, right: Site): number {
  return left.at - right.at || left.statement.no - right.statement.no
}

/** The place of a statement, where it names a key. */
export function placeOf({ analysis, statement }: Site, key: Key): Place {
  return { ...statementPlace(analysis, statement), ...statement.placeOf(key) }
}

export function placeOfReference({ analysis, statement }: Site, reference: Reference): Place {
  return { ...statementPlace(analysis, statement), ...statement.placeOfReference(reference) }
}

const statementPlace = ({ id, file }: MigrationAnalysis, { no }: AnalysedStatement) => ({
  migration: id,
  file,
  statementNo: no,
})
