import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { entryBytes, placesPerBlock } from './posting-list.ts'
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

export type FoundSegment = {
  readonly id: number
  readonly item_count: number
  readonly word_count: number
  /** Absent where the caller has them. */
  readonly items: Buffer | null
}

type Looking = { readonly scopeIds: readonly string[]; readonly known: readonly number[] }

export async function listSegments(db: Db, { scopeIds, known }: Looking): Promise<FoundSegment[]> {
  const { rows } = await sql<FoundSegment>`
    select id, item_count, word_count,
      case when id = any(${known}::bigint[]) then null else items end as items
    from search_segments
    where project_id = any(${scopeIds}::uuid[]) and terms_version = ${termsVersion}
    order by id`.execute(db)
  return rows
}

export type WantedList = { readonly segmentId: number; readonly term: string }

export type FoundList = {
  readonly segment_id: number
  readonly term: string
  /** Null where the segment does not know the term. */
  readonly df: number | null
  readonly size: number | null
  /** The directory, and the rest where it is short. */
  readonly beginning: Buffer | null
}

/** One row for each, none where the segment is gone. */
export async function readLists(
  db: Db,
  wanted: readonly WantedList[],
  beginningBytes: number,
): Promise<FoundList[]> {
  const { rows } = await sql<FoundList>`
    select segment.id as segment_id, wanted.term, df, octet_length(postings) as size,
      substring(postings for greatest(${beginningBytes},
        (df + ${placesPerBlock - 1}) / ${placesPerBlock} * ${entryBytes})) as beginning
    from unnest(${wanted.map(({ segmentId }) => segmentId)}::bigint[],
      ${wanted.map(({ term }) => term)}::text[]) as wanted (segment_id, term)
    join search_segments segment on segment.id = wanted.segment_id
    left join search_postings posting
      on posting.segment_id = wanted.segment_id and posting.term = wanted.term`.execute(db)
  return rows
}

export type WantedRange = WantedList & { readonly from: number; readonly to: number }

/** In their order; fewer where a segment is gone. */
export async function readRanges(db: Db, wanted: readonly WantedRange[]): Promise<Buffer[]> {
  const { rows } = await sql<{ bytes: Buffer }>`
    select substring(postings from wanted.from_byte + 1 for wanted.size) as bytes
    from unnest(${wanted.map(({ segmentId }) => segmentId)}::bigint[],
        ${wanted.map(({ term }) => term)}::text[], ${wanted.map(({ from }) => from)}::int[],
        ${wanted.map(({ from, to }) => to - from)}::int[])
      with ordinality as wanted (segment_id, term, from_byte, size, place)
    join search_postings posting
      on posting.segment_id = wanted.segment_id and posting.term = wanted.term
    order by wanted.place`.execute(db)
  return rows.map(({ bytes }) => bytes)
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

type WornSegment = StoredSegment & {
  readonly scopeId: string
  readonly level: number
  /** Written by other rules than those of today. */
  readonly isOld: boolean
}

/** One that nobody else has taken, held until the end of the transaction. */
export async function holdWornSegment(db: Db): Promise<WornSegment | undefined> {
  const { rows } = await sql<WornSegment>`
    select id, project_id as "scopeId", level, items, terms_version <> ${termsVersion} as "isOld"
    from search_segments
    where is_worn or terms_version <> ${termsVersion}
    order by id limit 1 for update skip locked`.execute(db)
  return rows[0]
}

/** Nothing of it was deleted. */
export async function markWhole(db: Db, id: number): Promise<void> {
  await sql`update search_segments set is_worn = false where id = ${id}`.execute(db)
}

export type MergedTerm = {
  readonly term: string
  readonly segment_ids: readonly number[]
  readonly dfs: readonly number[]
  readonly postings: readonly Buffer[]
}

/** The next terms of these segments by name, each with its lists. An array of int8 would arrive as text. */
export async function nextTerms(
  db: Db,
  { segmentIds, after }: { segmentIds: readonly number[]; after: string },
): Promise<MergedTerm[]> {
  const { rows } = await sql<MergedTerm>`
    select term, array_agg(segment_id::float8 order by segment_id) as segment_ids,
      array_agg(df order by segment_id) as dfs, array_agg(postings order by segment_id) as postings
    from search_postings where segment_id = any(${segmentIds}::bigint[]) and term > ${after}
    group by term order by term limit ${termsPerInsert}`.execute(db)
  return rows
}

export async function deleteSegments(db: Db, ids: readonly number[]): Promise<void> {
  await sql`delete from search_segments where id = any(${ids}::bigint[])`.execute(db)
}
