import { randomUUID } from 'node:crypto'
import type { Language } from '@studioops/contracts/installation'
import type { Operation } from '@studioops/contracts/operations'
import type { PublicationPreview, PublicationTarget } from '@studioops/contracts/pages'
import type { ConfluenceClient } from '../../integrations/confluence/confluence-model.ts'
import type { Audit } from '../../platform/audit/audit.ts'
import type { Database } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import type { OutboxService } from '../outbox/index.ts'
import * as payloads from './pages.payload.ts'
import type { PageDesk } from './pages.desk.ts'

type Dependencies = {
  readonly database: Database
  readonly audit: Audit
  readonly desk: Pick<PageDesk, 'withConfluence'>
  readonly outbox: Pick<OutboxService, 'plan' | 'ofCause' | 'list' | 'present'>
  /** The newest version of a story as words. @throws AppError `story.not-found`, `story.not-ready` */
  readonly readStory: (
    userId: string,
    storyId: string,
  ) => Promise<Pick<payloads.StoryText, 'title' | 'markdown' | 'language'> & { marker: string }>
  /** What the story was written from. @throws AppError `story.not-found` */
  readonly readSources: (userId: string, storyId: string) => Promise<payloads.StoryText['sources']>
  readonly wakeOutbox: () => void
}

type Asked = { readonly userId: string; readonly storyId: string; readonly language: Language }

type Built = { readonly publication: payloads.Publication; readonly preview: PublicationPreview }

export type Publishing = ReturnType<typeof createPublishing>

/** A story as a page of Confluence: what would be written, and the approval of exactly that (D-25). */
export function createPublishing(dependencies: Dependencies) {
  const { database, audit, desk, outbox, readStory, readSources, wakeOutbox } = dependencies

  async function textOf({ userId, storyId }: Asked): Promise<Text> {
    const [story, sources] = await Promise.all([
      readStory(userId, storyId),
      readSources(userId, storyId),
    ])
    return { ...story, sources }
  }

  async function build(asked: Asked, target: PublicationTarget): Promise<Built> {
    const text = await textOf(asked)
    return desk.withConfluence(asked.userId, (confluence) =>
      target.kind === 'new-page'
        ? newPage(confluence, text, target)
        : intoSection(confluence, text, target),
    )
  }

  return {
    /** @throws AppError `story.not-ready`, `confluence.*`, `connection.*` */
    preview: async (asked: Asked, target: PublicationTarget) =>
      (await build(asked, target)).preview,

    /**
     * Puts exactly what was shown into the outbox; the same again finds the first.
     *
     * @throws AppError `story.payload-changed`, `story.not-ready`, `confluence.*`, `connection.*`
     */
    async publish(
      asked: Asked,
      { target, payloadHash }: { target: PublicationTarget; payloadHash: string },
    ): Promise<Operation> {
      const { userId, storyId, language } = asked
      const cause = `publish:${storyId}:${payloadHash}`
      const before = await database.asUser(userId, (db) => outbox.ofCause(db, cause))
      const isOn = before !== undefined && !['refused', 'cancelled'].includes(before.row.state)
      if (isOn) return outbox.present(before, language)
      const { publication } = await build(asked, target)
      if (payloads.hashOf(publication) !== payloadHash) throw new AppError('story.payload-changed')
      const made = await database.asUser(userId, async (db) => {
        const { payload } = publication
        const id = randomUUID()
        await outbox.plan(db, {
          ...publication,
          id,
          userId,
          storyId,
          cause,
          payloadHash,
          marker: payload.marker,
        })
        const facts = { payload_hash: payloadHash, space: publication.target.spaceKey }
        await audit.record(
          {
            actorId: userId,
            action: 'story.publish',
            target: `story:${storyId}`,
            outcome: 'done',
            facts,
          },
          db,
        )
        return outbox.ofCause(db, cause)
      })
      wakeOutbox()
      if (made === undefined) throw new AppError('operation.not-found')
      return outbox.present(made, language)
    },

    /** Newest first. @throws AppError `story.not-found` */
    async list(asked: Asked): Promise<Operation[]> {
      await readSources(asked.userId, asked.storyId)
      const all = await outbox.list(asked.userId, 100)
      return all
        .filter(({ row }) => row.story_id === asked.storyId && row.system === 'confluence')
        .map((each) => outbox.present(each, asked.language))
    },
  }
}

type Text = payloads.StoryText & { readonly marker: string }

/** One marker for each thing that is written, and the same each time it is shown. */
function markerOf(marker: string, place: string): string {
  return `so-${payloads.shortHash(`${marker} ${place}`)}`
}

async function newPage(
  confluence: ConfluenceClient,
  text: Text,
  { spaceKey, title }: Extract<PublicationTarget, { kind: 'new-page' }>,
): Promise<Built> {
  const { baseUrl } = confluence
  if ((await confluence.pageByTitle(spaceKey, title)) !== undefined)
    throw new AppError('confluence.title-taken', { facts: { space: spaceKey, title } })
  const content = payloads.pageMarkdown(text)
  const storage = payloads.storageOf(content)
  const marker = markerOf(text.marker, `${spaceKey} ${title} ${storage}`)
  const publication: payloads.Publication = {
    kind: 'confluence.page.create',
    title,
    target: { spaceKey, baseUrl },
    payload: { spaceKey, title, storage, marker },
  }
  return {
    publication,
    preview: {
      payloadHash: payloads.hashOf(publication),
      title,
      spaceKey,
      content,
      removed: '',
      added: storage,
      address: baseUrl,
    },
  }
}

async function intoSection(
  confluence: ConfluenceClient,
  text: Text,
  { pageId, heading, how }: Extract<PublicationTarget, { kind: 'section' }>,
): Promise<Built> {
  const { baseUrl } = confluence
  const page = await confluence.page(pageId)
  const { title, spaceKey, url, version } = page
  const level = payloads.headingsIn(page.storage).find((one) => one.text === heading)?.level ?? 1
  const content = payloads.sectionMarkdown(text, level)
  const storage = payloads.putIntoSection(page.storage, { heading, how, markdown: content })
  const marker = markerOf(text.marker, `${pageId} ${version.number} ${storage}`)
  const publication: payloads.Publication = {
    kind: 'confluence.page.update',
    title,
    target: { spaceKey, baseUrl },
    payload: {
      pageId,
      title,
      storage,
      basedOn: version.number,
      message: payloads.messageOf(marker),
      marker,
    },
  }
  return {
    publication,
    preview: {
      payloadHash: payloads.hashOf(publication),
      title,
      spaceKey,
      basedOn: version.number,
      content,
      address: baseUrl,
      ...payloads.changedPart(page.storage, storage),
      ...withoutAbsent({ url }),
    },
  }
}
