import type { Facts } from '@studioops/contracts/errors'
import type { Language } from '@studioops/contracts/installation'
import { limits } from '@studioops/contracts/limits'
import type { SourceKind, StorySource } from '@studioops/contracts/story-context'
import type { Database } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { describeProblem, knownCode } from '../../platform/errors/problem.ts'
import { currentContext } from '../../platform/log/log.ts'
import { cutToTokens, estimateTokens } from '../../platform/values/token-estimate.ts'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import type { PageShelf } from '../pages/index.ts'
import * as store from './stories.sources.store.ts'
import { findStory } from './stories.store.ts'

type Place = { readonly userId: string; readonly storyId: string }
type Asked = Place & { readonly language: Language }
type Wish = {
  readonly kind: SourceKind
  readonly ref: string
  readonly boardId?: string | undefined
}

/** What is asked for: as the person, for the requirement of a story. */
type Reading = {
  readonly userId: string
  readonly language: Language
  readonly ref: string
  readonly boardId: string | undefined
  readonly projectId: string | undefined
  readonly requirement: string
}

/** Reads one thing of somewhere else. Undefined where there is none that the person may see. */
export type ReadSource = (
  reading: Reading,
) => Promise<Omit<store.SourceCopy, 'kind' | 'ref' | 'origin'> | undefined>

type OtherKind = Exclude<SourceKind, 'confluence-page'>

type Dependencies = {
  readonly database: Database
  readonly shelf: Pick<PageShelf, 'show' | 'attach' | 'detach' | 'contextOf'>
  readonly readers: Readonly<Record<OtherKind, ReadSource>>
  readonly isConnected: (userId: string, kind: OtherKind) => Promise<boolean>
}

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
export function createStorySources({ database, shelf, readers, isConnected }: Dependencies) {
  async function open({ userId, storyId }: Place) {
    return database.asUser(userId, async (db) => {
      const story = await findStory(db, storyId)
      if (story === undefined) throw new AppError('story.not-found')
      return { story, rows: await store.listSources(db, storyId) }
    })
  }

  async function read(asked: Asked, wish: Wish & { readonly kind: OtherKind }): Promise<void> {
    const { story } = await open(asked)
    const { userId, language } = asked
    const { kind, ref, boardId } = wish
    const found = await readers[kind]({
      userId,
      language,
      ref,
      boardId,
      projectId: story.project_id ?? undefined,
      requirement: story.requirement,
    })
    if (found === undefined) throw new AppError('story.source-not-found')
    const content = found.content.slice(0, copyMax).toWellFormed()
    const isPart = found.isPart || found.content.length > copyMax
    const origin = boardId === undefined ? {} : { boardId }
    await database.asUser(userId, (db) =>
      store.keepSource(db, asked, { ...found, kind, ref, content, isPart, origin }),
    )
  }

  /** Everything with what it takes and how much of it fits, in the order of the prompt. */
  async function parts(asked: Asked): Promise<{ shown: Shown[]; requirement: number }> {
    const [{ story, rows }, pages, copies] = await Promise.all([
      open(asked),
      shelf.show(asked),
      shelf.contextOf(asked),
    ])
    const ofPages = pages.pages.map((page, index): Shown => ({
      source: withoutAbsent({
        kind: 'confluence-page' as const,
        ref: page.pageId,
        title: page.title,
        place: page.spaceName,
        url: page.url,
        asOf: page.asOf,
        isPart: page.isCut,
        stale: page.stale,
      }),
      text: copies[index]?.text ?? '',
    }))
    const others = rows.map((row) => presentRow(row, asked.language))
    return { shown: [...ofPages, ...others], requirement: estimateTokens(story.requirement) }
  }

  async function show(asked: Asked) {
    const { shown, requirement } = await parts(asked)
    const fitted = fitAll(shown)
    const kinds: readonly OtherKind[] = ['document', 'jira-issue', 'trello-card']
    const connected = await Promise.all(kinds.map((kind) => isConnected(asked.userId, kind)))
    const { isConnected: hasConfluence } = await shelf.show(asked)
    return {
      sources: fitted.map(({ source, tokens, fits }): StorySource => ({ ...source, tokens, fits })),
      budget: {
        max: limits.storyContextTokens,
        requirement,
        sources: Math.round(fitted.reduce((sum, { tokens, fits }) => sum + tokens * fits, 0)),
      },
      available: [
        ...kinds.filter((_, index) => connected[index] === true),
        ...(hasConfluence ? (['confluence-page'] as const) : []),
      ],
    }
  }

  /** Reads again what is old; a copy that cannot be renewed stays, and says why. */
  async function renew(asked: Asked): Promise<void> {
    const { rows } = await open(asked)
    const old = rows.filter(({ fetched_at: at }) => Date.now() - at.getTime() > freshMs)
    await Promise.all(
      old.map(async (row) => {
        const origin = row.origin as { readonly boardId?: string } | null
        // The column's check constraint lists exactly these.
        const wish = { kind: row.kind as OtherKind, ref: row.ref, boardId: origin?.boardId }
        try {
          await read(asked, wish)
        } catch (error) {
          if (!(error instanceof AppError)) throw error
          const { code, facts } = error
          await database.asUser(asked.userId, (db) =>
            store.noteSourceFailure(db, { ...asked, ...wish }, { code, facts }),
          )
        }
      }),
    )
  }

  return {
    show,

    /** @throws AppError `story.source-not-found`, `story.too-many-sources`, and why it cannot be read */
    async add(asked: Asked, { kind, ref, boardId }: Wish) {
      if (kind === 'confluence-page') {
        await shelf.attach(asked, ref)
        return show(asked)
      }
      const { rows } = await open(asked)
      const others = rows.filter((row) => row.kind !== kind || row.ref !== ref)
      if (others.length >= limits.storySourcesMax)
        throw new AppError('story.too-many-sources', { facts: { max: limits.storySourcesMax } })
      await read(asked, { kind, ref, boardId })
      return show(asked)
    },

    /** @throws AppError `story.not-found` */
    async remove(asked: Asked, { kind, ref }: Wish) {
      const { userId, storyId } = asked
      if (kind === 'confluence-page') await shelf.detach(asked, ref)
      else {
        await open(asked)
        await database.asUser(userId, (db) => store.removeSource(db, { storyId, kind, ref }))
      }
      return show(asked)
    },

    /** What the model is given for a generation, cut to the room that there is. */
    async contextOf(asked: Asked): Promise<ContextPart[]> {
      const [{ rows }, copies] = await Promise.all([open(asked), shelf.contextOf(asked)])
      if (rows.length === 0 && copies.length === 0) return []
      await renew(asked)
      const { shown } = await parts(asked)
      return fitAll(shown)
        .filter(({ fits }) => fits > 0)
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

function presentRow(row: store.SourceRow, language: Language): Shown {
  const { failed_code: code } = row
  const correlationId = currentContext()?.correlationId ?? ''
  const facts = (row.failed_facts ?? {}) as unknown as Facts
  return {
    source: withoutAbsent({
      // The column's check constraint lists exactly these.
      kind: row.kind as SourceKind,
      ref: row.ref,
      title: row.title,
      place: row.place,
      url: row.url,
      asOf: row.fetched_at.toISOString(),
      isPart: row.is_part,
      stale:
        code === null
          ? undefined
          : describeProblem(knownCode(code), facts, { correlationId, language }),
    }),
    text: row.content,
  }
}
