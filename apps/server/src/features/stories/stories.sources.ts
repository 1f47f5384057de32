import { errorCatalog, type Facts } from '@studioops/contracts/errors'
import type { Language } from '@studioops/contracts/installation'
import { limits } from '@studioops/contracts/limits'
import { type FoundSource, type SourceKind, sourceKind } from '@studioops/contracts/story-context'
import type { StorySource } from '@studioops/contracts/story-context'
import type { Database } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { describeProblem, knownCode } from '../../platform/errors/problem.ts'
import { currentContext } from '../../platform/log/log.ts'
import { cutToTokens, estimateTokens } from '../../platform/values/token-estimate.ts'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import type { SourcePlaces, SourceText } from './stories.places.ts'
import * as store from './stories.sources.store.ts'
import { findStory, type StoryRow } from './stories.store.ts'

type Place = { readonly userId: string; readonly storyId: string }
type Asked = Place & { readonly language: Language }
type Wish = {
  readonly kind: SourceKind
  readonly ref: string
  readonly boardId?: string | undefined
}

type Dependencies = { readonly database: Database; readonly places: SourcePlaces }

/** What the model is given: text of other people, never an instruction. */
export type ContextPart = {
  readonly kind: SourceKind
  readonly ref: string
  readonly title: string
  readonly place: string
  readonly text: string
}

/** What was read within this time is not read again for a generation. */
const freshMs = 5 * 60_000
const copyMax = 20_000

/** Everything that a story is written from besides its requirement; falls back to the last copy (D-10). */
export function createStorySources({ database, places }: Dependencies) {
  async function open({ userId, storyId }: Place) {
    return database.asUser(userId, async (db) => {
      const story = await findStory(db, storyId)
      if (story === undefined) throw new AppError('story.not-found')
      return { story, rows: await store.listSources(db, storyId) }
    })
  }

  type Opened = Awaited<ReturnType<typeof open>>

  const readerOf = ({ userId, language }: Asked, story: StoryRow) => ({
    userId,
    language,
    projectId: story.project_id ?? undefined,
    requirement: story.requirement,
  })

  /** @throws AppError `story.source-not-found`, and why it cannot be read */
  async function read(asked: Asked, story: StoryRow, wish: Wish): Promise<SourceText> {
    const { kind, ref, boardId } = wish
    const found = await places[kind].read({ ...readerOf(asked, story), ref, boardId })
    if (found === undefined) throw new AppError('story.source-not-found')
    return {
      ...found,
      content: found.content.slice(0, copyMax).toWellFormed(),
      isPart: found.isPart || found.content.length > copyMax,
    }
  }

  async function readAndKeep(asked: Asked, story: StoryRow, wish: Wish): Promise<void> {
    const { kind, ref, boardId } = wish
    const found = await read(asked, story, wish)
    // A document is read where it is, each time: what was deleted there answers nobody from here.
    const content = kind === 'document' ? '' : found.content
    const origin = boardId === undefined ? {} : { boardId }
    await database.asUser(asked.userId, (db) =>
      store.keepSource(db, asked, { ...found, kind, ref, content, origin }),
    )
  }

  /** Everything as it is told now: documents from where they are, the others from their copies. */
  async function shownOf(asked: Asked): Promise<{ shown: Shown[]; requirement: number }> {
    const { story, rows } = await open(asked)
    const shown = rows.map(async (row): Promise<Shown> => {
      const known = presentRow(row, asked.language)
      if (row.kind !== 'document') return known
      const now = new Date().toISOString()
      try {
        const { content, title, isPart } = await read(asked, story, wishOf(row))
        return { source: { ...known.source, title, isPart, asOf: now }, text: content }
      } catch (error) {
        if (!(error instanceof AppError)) throw error
        const stale = explain(error, asked.language)
        return { source: { ...known.source, stale }, text: '' }
      }
    })
    return { shown: await Promise.all(shown), requirement: estimateTokens(story.requirement) }
  }

  async function show(asked: Asked) {
    const { shown, requirement } = await shownOf(asked)
    const fitted = fitAll(shown)
    const kinds = sourceKind.options
    const isOpen = await Promise.all(kinds.map((kind) => places[kind].isOpen(asked.userId)))
    return {
      sources: fitted.map(({ source, tokens, fits }): StorySource => ({ ...source, tokens, fits })),
      budget: {
        max: limits.storyContextTokens,
        requirement,
        sources: fitted.reduce((sum, { room }) => sum + room, 0),
      },
      available: kinds.filter((_, index) => isOpen[index] === true),
    }
  }

  /** Reads again what is old; a copy that cannot be renewed stays, and says why. */
  async function renew(asked: Asked, { story, rows }: Opened): Promise<void> {
    const old = rows.filter(
      ({ kind, fetched_at: at }) => kind !== 'document' && Date.now() - at.getTime() > freshMs,
    )
    await Promise.all(
      old.map(async (row) => {
        const wish = wishOf(row)
        try {
          await readAndKeep(asked, story, wish)
        } catch (error) {
          if (!(error instanceof AppError)) throw error
          const { code, facts } = error
          const failure = { code, facts, isGone: isGone(error) }
          await database.asUser(asked.userId, (db) =>
            store.noteSourceFailure(db, { ...asked, ...wish }, failure),
          )
        }
      }),
    )
  }

  return {
    show,

    /** What could be added, by words that may be half typed. @throws AppError why it is not told */
    async find(
      asked: Asked,
      { kind, query }: { readonly kind: SourceKind; readonly query: string },
    ): Promise<FoundSource[]> {
      const { story, rows } = await open(asked)
      const isThere = new Set(rows.map((row) => `${row.kind} ${row.ref}`))
      const found = await places[kind].find(readerOf(asked, story), query)
      return found.filter(({ ref }) => !isThere.has(`${kind} ${ref}`))
    },

    /** @throws AppError `story.source-not-found`, `story.too-many-sources`, and why it cannot be read */
    async add(asked: Asked, wish: Wish) {
      const { story, rows } = await open(asked)
      const others = rows.filter((row) => row.kind !== wish.kind || row.ref !== wish.ref)
      if (others.length >= limits.storySourcesMax)
        throw new AppError('story.too-many-sources', { facts: { max: limits.storySourcesMax } })
      await readAndKeep(asked, story, wish)
      return show(asked)
    },

    /** @throws AppError `story.not-found` */
    async remove(asked: Asked, { kind, ref }: Wish) {
      const { userId, storyId } = asked
      await open(asked)
      await database.asUser(userId, (db) => store.removeSource(db, { storyId, kind, ref }))
      return show(asked)
    },

    /** What is named where the story is published. @throws AppError `story.not-found` */
    async cited(userId: string, storyId: string) {
      const { rows } = await open({ userId, storyId })
      return rows.map(({ title, url, fetched_at: at }) => ({
        title,
        url: url ?? undefined,
        asOf: at.toISOString(),
      }))
    },

    /** What the model is given for a generation, cut to the room that there is. */
    async contextOf(asked: Asked): Promise<ContextPart[]> {
      const opened = await open(asked)
      if (opened.rows.length === 0) return []
      await renew(asked, opened)
      const { shown } = await shownOf(asked)
      return fitAll(shown)
        .filter(({ room }) => room > 0)
        .map(({ source, text, room }) => ({
          kind: source.kind,
          ref: source.ref,
          title: source.title,
          place: source.place,
          text: cutToTokens(text, room),
        }))
    },
  }
}

export type StorySources = ReturnType<typeof createStorySources>

type Shown = {
  readonly source: Omit<StorySource, 'tokens' | 'fits'>
  readonly text: string
}

type Fitted = Shown & { readonly tokens: number; readonly fits: number; readonly room: number }

/** Shares the room: what is short goes in whole, and what is left is shared by the long ones. */
function fitAll(shown: readonly Shown[]): Fitted[] {
  const sized = shown.map((one) => ({ ...one, tokens: estimateTokens(one.text) }))
  let left: number = limits.storyContextTokens
  let waiting = sized.length
  const rooms = new Map<Shown['source'], number>()
  for (const one of sized.toSorted((a, b) => a.tokens - b.tokens)) {
    const room = Math.min(one.tokens, Math.floor(left / waiting))
    rooms.set(one.source, room)
    left -= room
    waiting -= 1
  }
  return sized.map((one) => {
    const room = rooms.get(one.source) ?? 0
    return { ...one, room, fits: one.tokens === 0 ? 1 : room / one.tokens }
  })
}

function wishOf({ kind, ref, origin }: store.SourceRow): Wish {
  const { boardId } = (origin ?? {}) as { readonly boardId?: string }
  // The column's check constraint lists exactly these.
  return { kind: kind as SourceKind, ref, boardId }
}

/** It is not there any more, or not for this person: then no copy of it answers either. */
const isGone = ({ code }: AppError) =>
  errorCatalog[code].status === 404 || code === 'confluence.not-found'

function explain({ code, facts }: Pick<AppError, 'code' | 'facts'>, language: Language) {
  const correlationId = currentContext()?.correlationId ?? ''
  return describeProblem(code, facts, { correlationId, language })
}

function presentRow(row: store.SourceRow, language: Language): Shown {
  const { failed_code: code } = row
  const facts = (row.failed_facts ?? {}) as unknown as Facts
  return {
    source: withoutAbsent({
      kind: wishOf(row).kind,
      ref: row.ref,
      title: row.title,
      place: row.place,
      url: row.url,
      asOf: row.fetched_at.toISOString(),
      isPart: row.is_part,
      stale: code === null ? undefined : explain({ code: knownCode(code), facts }, language),
    }),
    text: row.content,
  }
}
