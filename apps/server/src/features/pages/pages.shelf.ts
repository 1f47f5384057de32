import type { Facts } from '@studioops/contracts/errors'
import type { Language } from '@studioops/contracts/installation'
import { limits } from '@studioops/contracts/limits'
import type { AttachedPage, FoundPage } from '@studioops/contracts/pages'
import {
  ConfluenceError,
  saysOfCredential,
  toConfluenceRefusal,
} from '../../integrations/confluence/confluence-error.ts'
import {
  type ConfluenceClient,
  type Page,
  quoteCql,
} from '../../integrations/confluence/confluence-model.ts'
import { parseStorage, renderMarkdown } from '../../integrations/markup/markup.ts'
import type { Database } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { describeProblem, knownCode } from '../../platform/errors/problem.ts'
import { currentContext } from '../../platform/log/log.ts'
import type { ConnectionService } from '../connections/index.ts'
import * as store from './pages.store.ts'

/** Opens the person's own Confluence. @throws AppError `connection.not-set`, `secret.locked` */
export type OpenConfluence = (userId: string) => Promise<ConfluenceClient>

type Dependencies = {
  readonly database: Database
  readonly connections: Pick<ConnectionService, 'noteUse' | 'isSet'>
  readonly openConfluence: OpenConfluence
}

type Place = { readonly userId: string; readonly storyId: string }
type Asked = Place & { readonly language: Language }

/** What the model is given of a page: text of other people, never an instruction. */
export type ContextPage = {
  readonly title: string
  readonly space: string
  readonly version: number
  readonly url: string
  /** ISO 8601 */
  readonly asOf: string
  readonly text: string
}

const copyMax = 20_000
/** What was read within this time is not read again for a generation. */
const freshMs = 5 * 60_000
const refreshDeadlineMs = 4_000

export type PageShelf = ReturnType<typeof createPageShelf>

/** Pages that stories were given as context; falls back to what Confluence said before (D-10). */
export function createPageShelf({ database, connections, openConfluence }: Dependencies) {
  /** Real use is a test of the connection too. */
  async function withConfluence<T>(
    userId: string,
    work: (confluence: ConfluenceClient) => Promise<T>,
  ): Promise<T> {
    const confluence = await openConfluence(userId)
    try {
      const result = await work(confluence)
      await connections.noteUse(userId, 'confluence', undefined)
      return result
    } catch (error) {
      if (!(error instanceof ConfluenceError)) throw error
      const refusal = toConfluenceRefusal(error)
      if (saysOfCredential(error)) await connections.noteUse(userId, 'confluence', refusal)
      throw refusal
    }
  }

  async function rowsOf({ userId, storyId }: Place): Promise<store.PageRow[]> {
    return database.asUser(userId, async (db) => {
      if (!(await store.hasStory(db, storyId))) throw new AppError('story.not-found')
      return store.listPages(db, storyId)
    })
  }

  async function show({ language, ...place }: Asked) {
    const rows = await rowsOf(place)
    return {
      pages: rows.map((row) => presentPage(row, language)),
      isConnected: await connections.isSet(place.userId, 'confluence'),
    }
  }

  const keep = (place: Place, page: Page) =>
    database.asUser(place.userId, (db) => store.keepPage(db, copyOf(place, page)))

  /** Reads a page again where its copy is old; a copy that cannot be renewed stays, and says why. */
  async function renew(place: Place, row: store.PageRow): Promise<void> {
    const pageId = row.page_id
    try {
      const wish = { deadlineMs: refreshDeadlineMs, retriesMax: 0 }
      await keep(place, await withConfluence(place.userId, (one) => one.page(pageId, wish)))
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      const { code, facts } = error
      await database.asUser(place.userId, (db) =>
        store.noteFailure(db, { storyId: place.storyId, pageId }, { code, facts }),
      )
    }
  }

  return {
    show,
    withConfluence,

    /** @throws AppError `connection.*` */
    async search(userId: string, query: string): Promise<FoundPage[]> {
      const cql = `type = page and siteSearch ~ ${quoteCql(query)}`
      const { items } = await withConfluence(userId, (one) => one.search(cql, { limit: 10 }))
      return items
        .filter(({ id }) => /^\d{1,40}$/.test(id))
        .map(({ id, title, spaceKey, spaceName, excerpt, url }) => ({
          pageId: id,
          title,
          spaceKey,
          spaceName,
          excerpt: excerpt.slice(0, 300),
          url,
        }))
    },

    /** @throws AppError `connection.*` */
    async spaces(userId: string) {
      const { items } = await withConfluence(userId, (one) => one.spaces({ limit: 100 }))
      return items.map(({ key, name }) => ({ key, name }))
    },

    /** @throws AppError `story.not-found`, `confluence.too-many-pages`, `connection.*` */
    async attach(asked: Asked, pageId: string) {
      const others = (await rowsOf(asked)).filter((row) => row.page_id !== pageId)
      if (others.length >= limits.pagesOfStoryMax)
        throw new AppError('confluence.too-many-pages', { facts: { max: limits.pagesOfStoryMax } })
      await keep(asked, await withConfluence(asked.userId, (one) => one.page(pageId)))
      return show(asked)
    },

    /** @throws AppError `story.not-found` */
    async detach(asked: Asked, pageId: string) {
      const { userId, storyId } = asked
      await rowsOf(asked)
      await database.asUser(userId, (db) => store.removePage(db, { storyId, pageId }))
      return show(asked)
    },

    /** What the model is given for a generation; renewed where it is old and Confluence answers. */
    async contextOf(place: Place): Promise<ContextPage[]> {
      const before = await rowsOf(place)
      const isOld = ({ fetched_at: at }: store.PageRow) => Date.now() - at.getTime() > freshMs
      const old = before.filter(isOld)
      await Promise.all(old.map((row) => renew(place, row)))
      const rows = old.length === 0 ? before : await rowsOf(place)
      return rows.map((row) => ({
        title: row.title,
        space: row.space_name,
        version: row.version,
        url: row.url,
        asOf: row.fetched_at.toISOString(),
        text: row.content,
      }))
    },
  }
}

function copyOf(place: Place, page: Page): store.PageCopy {
  const { id: pageId, title, spaceKey, spaceName, url, version, storage } = page
  const text = renderMarkdown(parseStorage(storage))
  return {
    ...place,
    pageId,
    title,
    spaceKey,
    spaceName,
    url,
    version: version.number,
    content: text.slice(0, copyMax).toWellFormed(),
    isCut: text.length > copyMax,
  }
}

function presentPage(row: store.PageRow, language: Language): AttachedPage {
  const { failed_code: code } = row
  const correlationId = currentContext()?.correlationId ?? ''
  const facts = (row.failed_facts ?? {}) as unknown as Facts
  const stale =
    code === null
      ? {}
      : { stale: describeProblem(knownCode(code), facts, { correlationId, language }) }
  return {
    pageId: row.page_id,
    title: row.title,
    spaceKey: row.space_key,
    spaceName: row.space_name,
    version: row.version,
    url: row.url,
    asOf: row.fetched_at.toISOString(),
    isCut: row.is_cut,
    ...stale,
  }
}
