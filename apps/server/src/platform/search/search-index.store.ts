import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import type { Segment, Term } from './segment.ts'
import { termsVersion } from './text-terms.ts'

/** Few enough that merging them holds nobody else up. */
const termsPerInsert = 1_000

export type NewSegment = Omit<Segment, 'terms'> & {
  readonly scopeId: string
  readonly level: number
}

export async function insertSegment(
  db: Db,
  { scopeId, level, items, itemCount, wordCount }: NewSegment,
): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    insert into search_segments (project_id, terms_version, level, item_count, word_count, items)
    values (${scopeId}, ${termsVersion}, ${level}, ${itemCount}, ${wordCount}, ${items})
    returning id`.execute(db)
  return rows[0]?.id ?? 0
}

export async function insertTerms(
  db: Db,
  segmentId: number,
  terms: readonly Term[],
): Promise<void> {
  for (let from = 0; from < terms.length; from += termsPerInsert) {
    const part = terms.slice(from, from + termsPerInsert)
    await sql`
      insert into search_postings (segment_id, term, df, postings)
      select ${segmentId}, part.term, part.df, part.postings
      from unnest(${part.map(({ term }) => term)}::text[], ${part.map(({ df }) => df)}::int[],
        ${part.map(({ postings }) => postings)}::bytea[]) as part (term, df, postings)`.execute(db)
  }
}

export type FoundTerms = {
  readonly id: number
  readonly item_count: number
  readonly word_count: number
  /** Absent where the caller has them. */
  readonly items: Buffer | null
  readonly terms: readonly string[]
  readonly dfs: readonly number[]
  readonly postings: readonly Buffer[]
}

type Looking = {
  readonly scopeIds: readonly string[]
  readonly terms: readonly string[]
  readonly known: readonly number[]
}

/** In one statement, so that a merge cannot come between the segments and their lists. */
export async function findTerms(
  db: Db,
  { scopeIds, terms, known }: Looking,
): Promise<FoundTerms[]> {
  const { rows } = await sql<FoundTerms>`
    select segment.id, segment.item_count, segment.word_count,
      case when segment.id = any(${known}::bigint[]) then null else segment.items end as items,
      found.terms, found.dfs, found.postings
    from search_segments segment
    cross join lateral (
      select coalesce(array_agg(term), '{}') as terms, coalesce(array_agg(df), '{}') as dfs,
        coalesce(array_agg(postings), '{}') as postings
      from search_postings
      where segment_id = segment.id and term = any(${terms}::text[])) found
    where segment.project_id = any(${scopeIds}::uuid[]) and segment.terms_version = ${termsVersion}
    order by segment.id`.execute(db)
  return rows
}

/** Words of the index that begin like this one, the common ones first. */
export async function listTermsFrom(
  db: Db,
  { scopeIds, start, limit }: { scopeIds: readonly string[]; start: string; limit: number },
): Promise<{ term: string; df: number }[]> {
  const { rows } = await sql<{ term: string; df: number }>`
    select term, sum(df)::int as df from search_postings
    where segment_id in (select id from search_segments
        where project_id = any(${scopeIds}::uuid[]) and terms_version = ${termsVersion})
      and term >= ${start} and term < ${start}::text || U&'\\+10FFFF'
    group by term order by sum(df) desc, term limit ${limit}`.execute(db)
  return rows
}

export type HeldSegment = { readonly id: number; readonly level: number }

/** Those that nobody else is merging, held until the end of the transaction. */
export async function holdSegments(db: Db, scopeId: string): Promise<HeldSegment[]> {
  const { rows } = await sql<HeldSegment>`
    select id, level from search_segments
    where project_id = ${scopeId} and terms_version = ${termsVersion}
    order by id for update skip locked`.execute(db)
  return rows
}

export type StoredSegment = { readonly id: number; readonly items: Buffer }

export async function readItems(
  db: Db,
  segments: readonly { readonly id: number }[],
): Promise<StoredSegment[]> {
  const ids = segments.map(({ id }) => id)
  const { rows } = await sql<StoredSegment>`
    select id, items from search_segments where id = any(${ids}::bigint[]) order by id`.execute(db)
  return rows
}

type WornSegment = StoredSegment & { readonly scopeId: string; readonly level: number }

/** One that nobody else has taken, held until the end of the transaction. */
export async function holdWornSegment(db: Db): Promise<WornSegment | undefined> {
  const { rows } = await sql<WornSegment>`
    select id, project_id as "scopeId", level, items from search_segments
    where is_worn order by id limit 1 for update skip locked`.execute(db)
  return rows[0]
}

/** Nothing of it was deleted. */
export async function markWhole(db: Db, id: number): Promise<void> {
  await sql`update search_segments set is_worn = false where id = ${id}`.execute(db)
}

export type MergedTerm = {
  readonly term: string
  readonly segment_ids: readonly number[]
  readonly postings: readonly Buffer[]
}

/** The next terms of these segments by name, each with its lists. An array of int8 would arrive as text. */
export async function nextTerms(
  db: Db,
  { segmentIds, after }: { segmentIds: readonly number[]; after: string },
): Promise<MergedTerm[]> {
  const { rows } = await sql<MergedTerm>`
    select term, array_agg(segment_id::float8 order by segment_id) as segment_ids,
      array_agg(postings order by segment_id) as postings
    from search_postings where segment_id = any(${segmentIds}::bigint[]) and term > ${after}
    group by term order by term limit ${termsPerInsert}`.execute(db)
  return rows
}

export async function deleteSegments(db: Db, ids: readonly number[]): Promise<void> {
  await sql`delete from search_segments where id = any(${ids}::bigint[])`.execute(db)
}
