import type { FoundPage } from '@studioops/contracts/pages'
import {
  ConfluenceError,
  saysOfCredential,
  toConfluenceRefusal,
} from '../../integrations/confluence/confluence-error.ts'
import { type ConfluenceClient, quoteCql } from '../../integrations/confluence/confluence-model.ts'
import { parseStorage, renderMarkdown } from '../../integrations/markup/markup.ts'
import type { ConnectionService } from '../connections/index.ts'

/** Opens the person's own Confluence. @throws AppError `connection.not-set`, `secret.locked` */
export type OpenConfluence = (userId: string) => Promise<ConfluenceClient>

type Dependencies = {
  readonly connections: Pick<ConnectionService, 'noteUse'>
  readonly openConfluence: OpenConfluence
}

/** A page as text of other people, never an instruction. */
export type PageText = {
  readonly title: string
  readonly space: string
  readonly url: string
  /** Markdown. */
  readonly text: string
}

/** A generation does not wait longer for a page that it has a copy of. */
const patience = { deadlineMs: 4_000, retriesMax: 0 }

export type PageDesk = ReturnType<typeof createPageDesk>

/** What the person's own Confluence says at this moment. */
export function createPageDesk({ connections, openConfluence }: Dependencies) {
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

  return {
    withConfluence,

    /** @param isHalfTyped whether the last word may go on. @throws AppError `connection.*` */
    async search(userId: string, query: string, isHalfTyped = false): Promise<FoundPage[]> {
      const words = isHalfTyped && /[\p{L}\p{N}]$/u.test(query) ? `${query}*` : query
      const cql = `type = page and siteSearch ~ ${quoteCql(words)}`
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

    /** @throws AppError `confluence.not-found`, `connection.*` */
    async read(userId: string, pageId: string): Promise<PageText> {
      const page = await withConfluence(userId, (one) => one.page(pageId, patience))
      const { title, spaceName, url, storage } = page
      return { title, space: spaceName, url, text: renderMarkdown(parseStorage(storage)) }
    },
  }
}
