import { z } from 'zod'
import {
  ConfluenceError,
  saysOfCredential,
  toConfluenceRefusal,
  toOutsideError,
} from '../../integrations/confluence/confluence-error.ts'
import type { ConfluenceClient, Page } from '../../integrations/confluence/confluence-model.ts'
import { requireSamePlace } from '../../platform/approval/same-place.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { OutsideError } from '../../platform/errors/outside-error.ts'
import type { ConnectionService } from '../connections/index.ts'
import type { Executor, Found, OperationRow } from '../outbox/index.ts'
import {
  createPayload,
  markerProperty,
  messageOf,
  pageTarget,
  updatePayload,
  words,
} from './pages.payload.ts'
import type { OpenConfluence } from './pages.desk.ts'

type Dependencies = {
  readonly openConfluence: OpenConfluence
  readonly connections: Pick<ConnectionService, 'noteUse'>
}

type Work<T> = (confluence: ConfluenceClient) => Promise<T>

/** Acts as the person who approved, and tells their connection how it went. */
function actor({ openConfluence, connections }: Dependencies) {
  async function act<T>(
    row: OperationRow,
    toOutside: (error: ConfluenceError) => OutsideError,
    work: Work<T>,
  ): Promise<T> {
    try {
      const confluence = await openConfluence(row.user_id)
      requireSamePlace(pageTarget.parse(row.target).baseUrl, confluence.baseUrl)
      const result = await work(confluence)
      await connections.noteUse(row.user_id, 'confluence', undefined)
      return result
    } catch (error) {
      if (error instanceof AppError) {
        const { code, facts } = error
        throw new OutsideError('not-done', { code, facts, cause: error })
      }
      if (!(error instanceof ConfluenceError)) throw error
      if (saysOfCredential(error))
        await connections.noteUse(row.user_id, 'confluence', toConfluenceRefusal(error))
      throw toOutside(error)
    }
  }
  return {
    /** A failed look proves nothing. */
    look: <T>(row: OperationRow, work: Work<T>) => act(row, notDone, work),
    write: <T>(row: OperationRow, work: Work<T>) => act(row, certainty, work),
  }
}

function notDone(error: ConfluenceError): OutsideError {
  const { code, facts, retryAfterMs } = toOutsideError(error)
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs }
  return new OutsideError('not-done', { code, facts, ...wait, cause: error })
}

/** What waits for a new token goes on by itself when there is one. */
function certainty(error: ConfluenceError): OutsideError {
  return ['bad-token', 'captcha'].includes(error.kind) ? notDone(error) : toOutsideError(error)
}

const shared = {
  system: 'confluence',
  unclear: 'confluence.unclear',
  // A page is read by its title or id, not from an index.
  absenceProves: true,
  keyExample: '123456',
  readKey(typed: string) {
    const text = typed.trim()
    const [, inPath] = /\/pages\/(?:viewpage\.action\?(?:.*&)?pageId=)?(\d+)/.exec(text) ?? []
    return inPath ?? (/^\d{1,40}$/.test(text) ? text : undefined)
  },
  present(row: OperationRow) {
    const { spaceKey, baseUrl } = pageTarget.parse(row.target)
    return { target: `${spaceKey} · ${baseUrl}` }
  },
  highWater: async () => undefined,
} as const

const marked = z.object({ marker: z.string() })

async function carriesMarker(confluence: ConfluenceClient, page: Page, marker: string) {
  const value = marked.safeParse(await confluence.property(page.id, markerProperty))
  return value.success && value.data.marker === marker
}

/** Ours where it carries the marker; or where the process died between the page and its marker. */
async function isOurs(confluence: ConfluenceClient, page: Page, row: OperationRow) {
  if (await carriesMarker(confluence, page, row.marker)) return true
  const { storage } = createPayload.parse(row.payload)
  if (page.version.number > 1 || words(page.storage) !== words(storage)) return false
  const { id } = await confluence.myself()
  return page.createdBy === undefined || page.createdBy === id
}

const foundAt = ({ id, url }: { id: string; url: string }): Found => ({ key: id, url })

/** Creates a page, and finds it again by its title, which is unique in its space. */
export function createPageCreator(dependencies: Dependencies): Executor {
  const { look, write } = actor(dependencies)

  const find = async (confluence: ConfluenceClient, row: OperationRow) => {
    const { spaceKey, title } = createPayload.parse(row.payload)
    const page = await confluence.pageByTitle(spaceKey, title)
    const hasBeenSent = row.sent_at !== null
    if (page === undefined || !hasBeenSent || !(await isOurs(confluence, page, row)))
      return undefined
    await mark(confluence, page.id, row.marker)
    return foundAt(page)
  }

  return {
    ...shared,
    thing: 'page',

    find: (row) => look(row, (confluence) => find(confluence, row)),

    send: (row, { signal }) =>
      write(row, async (confluence) => {
        const { spaceKey, title, storage } = createPayload.parse(row.payload)
        try {
          const page = await confluence.createPage({ spaceKey, title, storage }, { signal })
          await mark(confluence, page.id, row.marker)
          return foundAt(page)
        } catch (error) {
          if (!(error instanceof ConfluenceError) || error.kind !== 'rejected') throw error
          throw (await isTaken(confluence, spaceKey, title))
            ? titleTaken(spaceKey, title, error)
            : error
        }
      }),

    verify: (row, key) =>
      look(row, async (confluence) => {
        const page = await confluence.page(key)
        return (await isOurs(confluence, page, row)) ? foundAt(page) : undefined
      }),

    withMarker: (row, marker) => ({ ...createPayload.parse(row.payload), marker }),
  }
}

async function isTaken(confluence: ConfluenceClient, spaceKey: string, title: string) {
  return (await confluence.pageByTitle(spaceKey, title)) !== undefined
}

function titleTaken(space: string, title: string, cause: unknown): OutsideError {
  const facts = { space, title }
  return new OutsideError('refused', { code: 'confluence.title-taken', facts, cause })
}

/** The page is there whatever becomes of its marker. */
async function mark(confluence: ConfluenceClient, pageId: string, marker: string): Promise<void> {
  try {
    await confluence.setProperty(pageId, markerProperty, { marker })
  } catch (error) {
    if (!(error instanceof ConfluenceError)) throw error
  }
}

/** Changes a page, and finds the change by the marker in the words of its version. */
export function createPageUpdater(dependencies: Dependencies): Executor {
  const { look, write } = actor(dependencies)

  const find = async (confluence: ConfluenceClient, row: OperationRow, pageId: string) => {
    const { basedOn } = updatePayload.parse(row.payload)
    const page = await confluence.page(pageId)
    if (page.version.number <= basedOn) return undefined
    const { items } = await confluence.versions(pageId, { limit: 100 })
    const ours = items.some(({ message }) => message?.includes(row.marker) === true)
    return ours ? foundAt(page) : undefined
  }

  return {
    ...shared,
    thing: 'change',

    find: (row) =>
      look(row, (confluence) => {
        const { pageId } = updatePayload.parse(row.payload)
        return row.sent_at === null ? Promise.resolve(undefined) : find(confluence, row, pageId)
      }),

    send: (row, { signal }) =>
      write(row, async (confluence) => {
        const { pageId, title, storage, basedOn, message } = updatePayload.parse(row.payload)
        try {
          const change = { title, storage, basedOn, message }
          return foundAt(await confluence.updatePage(pageId, change, { signal }))
        } catch (error) {
          if (!(error instanceof ConfluenceError) || error.kind !== 'conflict') throw error
          const before = await find(confluence, row, pageId)
          if (before !== undefined) return before
          throw error
        }
      }),

    verify: (row, key) => look(row, (confluence) => find(confluence, row, key)),

    withMarker: (row, marker) => ({
      ...updatePayload.parse(row.payload),
      marker,
      message: messageOf(marker),
    }),
  }
}
