import { randomUUID } from 'node:crypto'
import type { Language } from '@studioops/contracts/installation'
import { limits } from '@studioops/contracts/limits'
import type { StoryContent } from '@studioops/contracts/story-content'
import {
  type StoryTemplate,
  type TemplateText,
  templateText,
} from '@studioops/contracts/story-templates'
import { z } from 'zod'
import type { Database, Db } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import type { ProjectAccess } from '../projects/index.ts'
import { layOut, type Layout, unknownSlots } from './stories.layout.ts'
import { sampleStory } from './stories.samples.ts'
import * as store from './stories.templates.store.ts'

type Dependencies = { readonly database: Database; readonly access: ProjectAccess }
type NewTemplate = TemplateText & { readonly projectId?: string | undefined }

/** How stories of the format `custom` are laid out, with every version of it (STY-2). */
export function createStoryTemplates({ database, access }: Dependencies) {
  async function read(db: Db, userId: string, id: string): Promise<StoryTemplate> {
    const row = await store.findTemplate(db, id)
    if (row === undefined) throw new AppError('story.template-not-found')
    return present(row, userId)
  }

  return {
    async list(userId: string, projectId: string | undefined): Promise<StoryTemplate[]> {
      const rows = await database.asUser(userId, store.listTemplates)
      return rows
        .filter((row) => projectId === undefined || [null, projectId].includes(row.project_id))
        .map((row) => present(row, userId))
    },

    /** @throws AppError `story.bad-template`, `story.too-many-templates`, `project.*` */
    async create(userId: string, { projectId, ...text }: NewTemplate): Promise<StoryTemplate> {
      requireKnownSlots(text)
      return database.asUser(userId, async (db) => {
        if (projectId !== undefined) await access.require(db, projectId, 'editor')
        if ((await store.countTemplates(db)) >= limits.templatesMax)
          throw new AppError('story.too-many-templates', { facts: { max: limits.templatesMax } })
        const id = randomUUID()
        await store.insertTemplate(db, { id, userId, projectId, name: text.name })
        await store.insertTemplateVersion(db, id, { ...text, number: 1 })
        return read(db, userId, id)
      })
    },

    /** @throws AppError `story.template-not-found`, `story.version-changed`, `story.bad-template` */
    async change(
      userId: string,
      { templateId, basedOn, ...text }: TemplateText & { templateId: string; basedOn: number },
    ): Promise<StoryTemplate> {
      requireKnownSlots(text)
      return database.asUser(userId, async (db) => {
        const before = await store.lockTemplate(db, templateId)
        if (before === undefined) throw new AppError('story.template-not-found')
        if (before.version !== basedOn) throw new AppError('story.version-changed')
        if (before.project_id !== null) await access.require(db, before.project_id, 'editor')
        const version = basedOn + 1
        await store.insertTemplateVersion(db, templateId, { ...text, number: version })
        await store.moveTemplate(db, templateId, { version, name: text.name })
        return read(db, userId, templateId)
      })
    },

    /** @throws AppError `story.template-not-found` */
    async remove(userId: string, templateId: string): Promise<void> {
      const isGone = await database.asUser(userId, (db) => store.deleteTemplate(db, templateId))
      if (!isGone) throw new AppError('story.template-not-found')
    },

    /** @throws AppError `story.template-not-found` */
    versions: (userId: string, templateId: string) =>
      database.asUser(userId, async (db) => {
        await read(db, userId, templateId)
        const rows = await store.listTemplateVersions(db, templateId)
        return rows.map(({ number, created_at: at, ...text }) => ({
          number,
          createdAt: at.toISOString(),
          ...stored.parse(text),
        }))
      }),

    preview(
      layout: Layout & { readonly language: Language; readonly content?: StoryContent | undefined },
    ) {
      const { language, content = sampleStory(language, layout.sections) } = layout
      return {
        description: layOut(content, { language, layout }),
        unknown: unknownSlots(layout),
      }
    },

    /** The newest version. @throws AppError `story.template-not-found` */
    newest: (db: Db, userId: string, templateId: string) => read(db, userId, templateId),

    /** The version that a story was given; undefined where it is gone. */
    async ofStory(
      db: Db,
      {
        template_id: id,
        template_version: number,
      }: { template_id: string | null; template_version: number | null },
    ): Promise<(TemplateText & { readonly id: string; readonly version: number }) | undefined> {
      if (id === null || number === null) return undefined
      const row = await store.findTemplateVersion(db, id, number)
      return row && { id, version: number, ...stored.parse(row) }
    },
  }
}

export type StoryTemplates = ReturnType<typeof createStoryTemplates>

/** As it was kept; sections that this version of the product cannot read are left out. */
const stored = z.object({
  name: z.string(),
  body: z.string(),
  sections: templateText.shape.sections.catch([]),
})

function present(row: store.TemplateRow, userId: string): StoryTemplate {
  return withoutAbsent({
    ...stored.parse(row),
    id: row.id,
    version: row.version,
    projectId: row.project_id,
    isOwn: row.user_id === userId,
    updatedAt: row.updated_at.toISOString(),
  })
}

function requireKnownSlots(text: TemplateText): void {
  const names = unknownSlots(text)
  if (names.length > 0)
    throw new AppError('story.bad-template', { facts: { names: names.join(', ') } })
}
