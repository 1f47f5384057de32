import type { SourceKind } from '@studioops/contracts/story-context'
import { sql } from 'kysely'
import { type Db, transactionUser } from '../../platform/db/database.ts'
import { toJsonb } from '../../platform/db/jsonb.ts'

export async function listSources(db: Db, storyId: string) {
  return db
    .selectFrom('story_sources')
    .selectAll()
    .where('story_id', '=', storyId)
    .where('user_id', '=', transactionUser)
    .orderBy('added_at')
    .execute()
}
export type SourceRow = Awaited<ReturnType<typeof listSources>>[number]

/** What was read of something outside of a story. */
export type SourceCopy = {
  readonly kind: SourceKind
  readonly ref: string
  readonly title: string
  readonly place: string
  readonly url?: string | undefined
  readonly content: string
  readonly isPart: boolean
  readonly origin?: Readonly<Record<string, string>>
}

type Place = { readonly userId: string; readonly storyId: string }

/** Keeps what was read; an earlier copy of the same is replaced. */
export async function keepSource(
  db: Db,
  { userId, storyId }: Place,
  copy: SourceCopy,
): Promise<void> {
  const read = {
    title: copy.title,
    place: copy.place,
    url: copy.url ?? null,
    content: copy.content,
    is_part: copy.isPart,
    origin: toJsonb(copy.origin ?? {}),
    fetched_at: sql<Date>`now()`,
    failed_code: null,
    failed_facts: null,
  }
  await db
    .insertInto('story_sources')
    .values({ story_id: storyId, user_id: userId, kind: copy.kind, ref: copy.ref, ...read })
    .onConflict((conflict) => conflict.columns(['story_id', 'kind', 'ref']).doUpdateSet(read))
    .execute()
}

type One = { readonly storyId: string; readonly kind: string; readonly ref: string }

export async function noteSourceFailure(
  db: Db,
  { storyId, kind, ref }: One,
  failure: { readonly code: string; readonly facts: unknown; readonly isGone: boolean },
): Promise<void> {
  await db
    .updateTable('story_sources')
    .set({
      failed_code: failure.code,
      failed_facts: toJsonb(failure.facts),
      ...(failure.isGone ? { content: '' } : {}),
    })
    .where('story_id', '=', storyId)
    .where('kind', '=', kind)
    .where('ref', '=', ref)
    .where('user_id', '=', transactionUser)
    .execute()
}

export async function removeSource(db: Db, { storyId, kind, ref }: One): Promise<void> {
  await db
    .deleteFrom('story_sources')
    .where('story_id', '=', storyId)
    .where('kind', '=', kind)
    .where('ref', '=', ref)
    .where('user_id', '=', transactionUser)
    .execute()
}
