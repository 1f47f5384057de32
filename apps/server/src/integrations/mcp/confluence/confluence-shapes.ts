import { z } from 'zod'
import { withoutAbsent } from '../../../platform/values/without-absent.ts'
import type {
  Attachment,
  Comment,
  ConfluenceClient,
  Page,
  Paged,
  Written,
} from '../../confluence/confluence-model.ts'
import type { ToolContext } from '../tool.ts'
import { ToolRefusal } from '../tool-refusal.ts'
import { textOf } from './confluence-text.ts'

export const pageId = z
  .string()
  .min(1)
  .max(60)
  .describe('Id of the page, from its address or a search')
export const spaceKey = z.string().min(1).max(255).describe('Key of the space, such as TEAM')
export const title = z.string().min(1).max(255).describe('Title; unique in its space')
export const asMarkdown = z
  .boolean()
  .default(true)
  .describe('true: the text as Markdown; false: as storage format')
export const limit = (standard: number, most = 50) =>
  z.int().min(1).max(most).default(standard).describe(`How many at most, 1 to ${most}`)
export const start = z.int().min(0).max(10_000).default(0).describe('How many to leave out')
export const cursor = z
  .string()
  .max(2_000)
  .optional()
  .describe('Where the last answer said to go on')
export const next = z.string().optional().describe('Give it back as cursor to go on')

export const ref = z.object({
  id: z.string(),
  title: z.string(),
  status: z.string(),
  spaceKey: z.string(),
  url: z.string(),
  parentId: z.string().optional(),
})

export const versionShape = z.object({
  number: z.number(),
  when: z.string(),
  by: z.string().optional(),
  message: z.string().optional(),
  minorEdit: z.boolean(),
})

export const pageShape = ref.extend({
  spaceName: z.string().optional(),
  version: versionShape.optional(),
  ancestors: z.array(z.object({ id: z.string(), title: z.string() })).optional(),
  labels: z.array(z.string()).optional(),
  content: z.string(),
})

export const writtenShape = ref.extend({ version: z.number(), content: z.string().optional() })

export const commentShape = z.object({
  id: z.string(),
  parentId: z.string().optional(),
  location: z.enum(['footer', 'inline']),
  by: z.string().optional(),
  when: z.string(),
  content: z.string(),
  url: z.string(),
  selection: z.string().optional(),
  isResolved: z.boolean().optional(),
})

export const attachmentShape = z.object({
  id: z.string(),
  title: z.string(),
  mediaType: z.string(),
  bytes: z.number(),
  comment: z.string().optional(),
  version: z.number(),
})

export function presentPage(page: Page, markdown: boolean) {
  const { storage, createdBy: _, ancestors, ...rest } = page
  return { ...rest, ancestors: [...ancestors], content: textOf(storage, markdown) }
}

export function presentWritten(written: Written, content?: string) {
  return { ...written, ...withoutAbsent({ content }) }
}

export function presentComment({ storage, ...comment }: Comment) {
  return { ...comment, content: textOf(storage, true) }
}

export function presentAttachment({ contentId: _, downloadPath: __, ...attachment }: Attachment) {
  return attachment
}

/** A page that the filter of whoever started the server lets through. @throws ToolRefusal */
export async function pageWithin(
  client: ConfluenceClient,
  id: string,
  { requireAllowed }: Pick<ToolContext, 'requireAllowed'>,
): Promise<Page> {
  const page = await client.page(id)
  requireAllowed(page.spaceKey)
  return page
}

/** Asks for the space of a page only where a filter has to know it. @throws ToolRefusal */
export async function requireWithin(
  client: ConfluenceClient,
  id: string | undefined,
  context: Pick<ToolContext, 'requireAllowed' | 'allowed'>,
): Promise<void> {
  if (context.allowed === undefined) return
  if (id === undefined) context.requireAllowed('?')
  else await pageWithin(client, id, context)
}

/** Lists go on by a number on Data Center and by a cursor on Cloud; callers may say either. */
export async function from<T>(
  client: ConfluenceClient,
  wish: { readonly start?: number; readonly limit: number; readonly cursor?: string | undefined },
  read: (wish: { limit: number; cursor: string | undefined }) => Promise<Paged<T>>,
): Promise<Paged<T>> {
  const { start: skip = 0, limit: count, cursor: at } = wish
  if (at !== undefined || skip === 0) return read({ limit: count, cursor: at })
  if (client.flavour === 'dc') return read({ limit: count, cursor: String(skip) })
  const { items, next: goesOn } = await read({ limit: skip + count, cursor: undefined })
  return { items: items.slice(skip, skip + count), ...withoutAbsent({ next: goesOn }) }
}

/** What this Confluence cannot do at all. @throws ToolRefusal `confluence.cannot` */
export function requireCan<T>(ability: T | undefined, what: string): T {
  if (ability !== undefined) return ability
  throw new ToolRefusal('confluence.cannot', { facts: { what } })
}
