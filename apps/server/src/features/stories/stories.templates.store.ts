import type { TemplateText } from '@studioops/contracts/story-templates'
import { sql } from 'kysely'
import { type Db, transactionUser } from '../../platform/db/database.ts'
import { toJsonb } from '../../platform/db/jsonb.ts'

const withText = (db: Db) =>
  db
    .selectFrom('story_templates')
    .innerJoin('story_template_versions as text', (join) =>
      join
        .onRef('text.template_id', '=', 'story_templates.id')
        .onRef('text.number', '=', 'story_templates.version'),
    )
    .select([
      'story_templates.id',
      'story_templates.user_id',
      'story_templates.project_id',
      'story_templates.version',
      'story_templates.updated_at',
      'text.name',
      'text.body',
      'text.sections',
    ])

/** Those that the row policies show, by name. */
export const listTemplates = (db: Db) => withText(db).orderBy('text.name').limit(200).execute()
export type TemplateRow = Awaited<ReturnType<typeof listTemplates>>[number]

export const findTemplate = (db: Db, id: string) =>
  withText(db).where('story_templates.id', '=', id).executeTakeFirst()

/** An own one, held until the end of the transaction. */
export async function lockTemplate(db: Db, id: string) {
  return db
    .selectFrom('story_templates')
    .select(['id', 'version', 'project_id'])
    .where('id', '=', id)
    .where('user_id', '=', transactionUser)
    .forUpdate()
    .executeTakeFirst()
}

export async function insertTemplate(
  db: Db,
  template: { id: string; userId: string; projectId: string | undefined; name: string },
): Promise<void> {
  await db
    .insertInto('story_templates')
    .values({
      id: template.id,
      user_id: template.userId,
      project_id: template.projectId ?? null,
      name: template.name,
      version: 1,
    })
    .execute()
}

export async function insertTemplateVersion(
  db: Db,
  templateId: string,
  { number, name, body, sections }: TemplateText & { readonly number: number },
): Promise<void> {
  await db
    .insertInto('story_template_versions')
    .values({ template_id: templateId, number, name, body, sections: toJsonb(sections) })
    .execute()
}

export async function moveTemplate(
  db: Db,
  id: string,
  { version, name }: { readonly version: number; readonly name: string },
): Promise<void> {
  await db
    .updateTable('story_templates')
    .set({ version, name, updated_at: sql`now()` })
    .where('id', '=', id)
    .where('user_id', '=', transactionUser)
    .execute()
}

export async function deleteTemplate(db: Db, id: string): Promise<boolean> {
  const gone = await db
    .deleteFrom('story_templates')
    .where('id', '=', id)
    .where('user_id', '=', transactionUser)
    .executeTakeFirst()
  return gone.numDeletedRows > 0n
}

export async function countTemplates(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom('story_templates')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('user_id', '=', transactionUser)
    .executeTakeFirstOrThrow()
  return count
}

/** Newest first. */
export const listTemplateVersions = (db: Db, templateId: string) =>
  db
    .selectFrom('story_template_versions')
    .select(['number', 'name', 'body', 'sections', 'created_at'])
    .where('template_id', '=', templateId)
    .orderBy('number', 'desc')
    .execute()

export const findTemplateVersion = (db: Db, templateId: string, number: number) =>
  db
    .selectFrom('story_template_versions')
    .select(['number', 'name', 'body', 'sections'])
    .where('template_id', '=', templateId)
    .where('number', '=', number)
    .executeTakeFirst()
