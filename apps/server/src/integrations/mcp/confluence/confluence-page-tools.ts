import { z } from 'zod'
import { withoutAbsent } from '../../../platform/values/without-absent.ts'
import { ConfluenceError } from '../../confluence/confluence-error.ts'
import type { ConfluenceClient, PageRef, Restriction } from '../../confluence/confluence-model.ts'
import { editStorage } from '../../markup/markup.ts'
import { toolsOf } from '../tool.ts'
import { badArgument } from '../tool-refusal.ts'
import * as shapes from './confluence-shapes.ts'
import {
  from,
  pageWithin,
  presentPage,
  presentWritten,
  requireCan,
  requireWithin,
} from './confluence-shapes.ts'
import {
  contentFormats,
  diffLines,
  edited,
  replaceSection,
  storageOf,
  textOf,
} from './confluence-text.ts'

const tool = toolsOf<ConfluenceClient>()

const content = z.string().max(1_000_000).describe('Text of the page')
const contentFormat = z
  .enum(contentFormats)
  .default('markdown')
  .describe('How the text is written: markdown or storage')
const includeContent = z.boolean().default(false).describe('true: the answer holds the text too')
const emoji = z.string().max(16).optional().describe('One emoji to stand before the title')
const pageWidth = z
  .enum(['full-width', 'default'])
  .optional()
  .describe('How wide the page is shown: full-width or default')

const people = (what: string) =>
  z
    .array(z.string().min(1).max(255))
    .max(50)
    .optional()
    .describe(`Who alone may ${what} it: login names on Data Center, account ids on Cloud`)
const groups = (what: string) =>
  z
    .array(z.string().min(1).max(255))
    .max(50)
    .optional()
    .describe(`Names of the groups that alone may ${what} it`)

const restrictionList = z.object({
  restrictions: z.array(
    z.object({
      operation: z.enum(['read', 'update']),
      users: z.array(z.string()),
      groups: z.array(z.string()),
    }),
  ),
})

function presentRestriction({ operation, users, groups: named }: Restriction) {
  return { operation, users: [...users], groups: [...named] }
}

type Look = { readonly emoji?: string | undefined; readonly page_width?: string | undefined }

/** How a page is shown is kept in properties of the page. */
async function dress(
  client: ConfluenceClient,
  id: string,
  { emoji: sign, page_width: width }: Look,
) {
  const point = sign?.codePointAt(0)?.toString(16)
  if (point !== undefined) await client.setProperty(id, 'emoji-title-published', point)
  if (width !== undefined) await client.setProperty(id, 'content-appearance-published', width)
}

const treeMax = 500

export const pageTools = [
  tool({
    name: 'confluence_get_page',
    title: 'Read a page',
    description: 'One page, by its id, or by its title and the key of its space.',
    toolset: 'pages',
    effect: 'read',
    scope: 'own',
    input: z.object({
      page_id: shapes.pageId.optional(),
      title: shapes.title.optional(),
      space_key: shapes.spaceKey.optional(),
      include_metadata: z
        .boolean()
        .default(true)
        .describe('true: with version, ancestors and labels'),
      convert_to_markdown: shapes.asMarkdown,
    }),
    output: shapes.pageShape,
    async run(client, args, context) {
      const page = await namedPage(client, args)
      context.requireAllowed(page.spaceKey)
      const shown = presentPage(page, args.convert_to_markdown)
      if (args.include_metadata) return { ...shown, labels: [...(await client.labels(page.id))] }
      const { id, title, status, spaceKey, url } = shown
      return { id, title, status, spaceKey, url, content: shown.content }
    },
  }),
  tool({
    name: 'confluence_get_page_children',
    title: 'List the pages below a page',
    description: 'Pages directly below a page, in their order.',
    toolset: 'pages',
    effect: 'read',
    scope: 'own',
    input: z.object({
      parent_id: shapes.pageId,
      expand: z.string().max(200).default('version,history').describe('Taken, without effect'),
      limit: shapes.limit(25),
      include_content: includeContent,
      convert_to_markdown: shapes.asMarkdown,
      start: shapes.start,
      include_folders: z.boolean().default(true).describe('Taken, without effect: pages only'),
      cursor: shapes.cursor,
    }),
    output: z.object({
      pages: z.array(shapes.ref.extend({ content: z.string().optional() })),
      next: shapes.next,
    }),
    async run(client, args, context) {
      await requireWithin(client, args.parent_id, context)
      const { items, next } = await from(client, args, (wish) =>
        client.children(args.parent_id, wish),
      )
      const pages = []
      for (const child of items) {
        const text = args.include_content ? (await client.page(child.id)).storage : undefined
        pages.push({
          ...child,
          ...withoutAbsent({ content: text && textOf(text, args.convert_to_markdown) }),
        })
      }
      return { pages, ...withoutAbsent({ next }) }
    },
  }),
  tool({
    name: 'confluence_get_space_page_tree',
    title: 'Show the tree of a space',
    description: 'Pages of a space from the top down, each with its depth.',
    toolset: 'pages',
    effect: 'read',
    scope: ({ space_key: key }) => [key],
    input: z.object({ space_key: shapes.spaceKey, limit: shapes.limit(100, treeMax) }),
    output: z.object({
      pages: z.array(shapes.ref.extend({ depth: z.number() })),
      isWhole: z.boolean(),
    }),
    async run(client, { space_key: key, limit }, context) {
      const found: PageRef[] = []
      let cursor: string | undefined
      do {
        const wish = { limit: Math.min(100, limit - found.length), cursor }
        const part = await client.pagesOfSpace(key, wish)
        found.push(...part.items)
        cursor = part.next
        await context.progress(found.length, limit)
      } while (cursor !== undefined && found.length < limit)
      return { pages: asTree(found), isWhole: cursor === undefined }
    },
  }),
  tool({
    name: 'confluence_create_page',
    title: 'Create a page',
    description:
      'Creates one page. Not repeatable: when the answer is lost, read the page by its title and ' +
      'space before calling again.',
    toolset: 'pages',
    effect: 'write',
    scope: ({ space_key: key }) => [key],
    input: z.object({
      space_key: shapes.spaceKey,
      title: shapes.title,
      content: content.default(''),
      parent_id: shapes.pageId.optional(),
      content_format: contentFormat,
      include_content: includeContent,
      emoji,
      page_width: pageWidth,
    }),
    output: shapes.writtenShape,
    async run(client, args, { signal }) {
      const storage = storageOf(args.content, args.content_format)
      const { space_key: spaceKey, title, parent_id: parentId } = args
      const written = await client.createPage({ spaceKey, title, storage, parentId }, { signal })
      await dress(client, written.id, args)
      return presentWritten(written, args.include_content ? args.content : undefined)
    },
  }),
  tool({
    name: 'confluence_update_page',
    title: 'Change a page',
    description:
      'Gives a page another title, place or whole text. Without content the text stays as it is; ' +
      'to change a part of it use confluence_update_page_section.',
    toolset: 'pages',
    effect: 'write',
    scope: 'own',
    input: z.object({
      page_id: shapes.pageId,
      title: shapes.title,
      content: content.optional(),
      is_minor_edit: z.boolean().default(false).describe('true: nobody is notified'),
      version_comment: z.string().max(255).optional().describe('What the change is about'),
      parent_id: shapes.pageId.optional(),
      content_format: contentFormat,
      include_content: includeContent,
      emoji,
      page_width: pageWidth,
      expected_version: z
        .int()
        .min(1)
        .optional()
        .describe('The version that was read; another one is a refusal'),
    }),
    output: shapes.writtenShape,
    async run(client, args, context) {
      const page = await pageWithin(client, args.page_id, context)
      const storage =
        args.content === undefined ? page.storage : storageOf(args.content, args.content_format)
      const written = await client.updatePage(page.id, {
        title: args.title,
        storage,
        basedOn: args.expected_version ?? page.version.number,
        minorEdit: args.is_minor_edit,
        ...withoutAbsent({ message: args.version_comment, parentId: args.parent_id }),
      })
      await dress(client, page.id, args)
      return presentWritten(written, args.include_content ? textOf(storage, true) : undefined)
    },
  }),
  tool({
    name: 'confluence_update_page_section',
    title: 'Change a section of a page',
    description:
      'Replaces what stands under one heading, up to the next of the same or a higher level. ' +
      'Everything else of the page stays byte for byte.',
    toolset: 'pages',
    effect: 'write',
    scope: 'own',
    input: z.object({
      page_id: shapes.pageId,
      heading_text: z.string().min(1).max(500).describe('The heading as it reads on the page'),
      new_content: content.describe('Markdown that comes under the heading'),
    }),
    output: shapes.writtenShape,
    async run(client, args, context) {
      const page = await pageWithin(client, args.page_id, context)
      const edits = [replaceSection(args.heading_text, args.new_content)]
      const storage = edited(editStorage(page.storage, edits), 'heading_text')
      const { title, version } = page
      return presentWritten(
        await client.updatePage(page.id, { title, storage, basedOn: version.number }),
      )
    },
  }),
  tool({
    name: 'confluence_delete_page',
    title: 'Put a page into the trash',
    description: 'The page can be taken out of the trash with confluence_restore_page.',
    toolset: 'pages',
    effect: 'destroy',
    idempotent: true,
    scope: 'own',
    input: z.object({ page_id: shapes.pageId }),
    output: z.object({ id: z.string() }),
    async run(client, { page_id: id }, context) {
      await requireWithin(client, id, context)
      await client.deletePage(id)
      return { id }
    },
  }),
  tool({
    name: 'confluence_restore_page',
    title: 'Take a page out of the trash',
    description: 'Fails where another page has taken its title since.',
    toolset: 'pages',
    effect: 'write',
    scope: 'own',
    input: z.object({ page_id: shapes.pageId }),
    output: shapes.writtenShape,
    async run(client, { page_id: id }, { requireAllowed }) {
      const page = await client.page(id, { status: 'trashed' })
      requireAllowed(page.spaceKey)
      return presentWritten(await client.restorePage(id))
    },
  }),
  tool({
    name: 'confluence_move_page',
    title: 'Move a page',
    description:
      'Below another page, or beside it. Data Center moves below a page of the same space only.',
    toolset: 'pages',
    effect: 'write',
    idempotent: true,
    scope: 'own',
    input: z.object({
      page_id: shapes.pageId,
      target_parent_id: shapes.pageId.optional(),
      target_space_key: shapes.spaceKey.optional(),
      position: z
        .enum(['append', 'before', 'after'])
        .default('append')
        .describe('append: below the target as its last page; before, after: beside it'),
    }),
    output: z.object({ id: z.string(), targetId: z.string() }),
    async run(client, args, context) {
      const page = await pageWithin(client, args.page_id, context)
      const targetId = await targetOf(client, args)
      const target = await pageWithin(client, targetId, context)
      const isPlain = args.position === 'append' && target.spaceKey === page.spaceKey
      if (isPlain) await client.moveBelow(page.id, targetId)
      else {
        const move = requireCan(
          client.can.moveBeside,
          'move a page beside another or to another space',
        )
        await move(page.id, { position: args.position, targetId })
      }
      return { id: page.id, targetId }
    },
  }),
  tool({
    name: 'confluence_copy_page',
    title: 'Copy a page',
    description: 'A new page with the same text, and with its files where wanted. Not repeatable.',
    toolset: 'pages',
    effect: 'write',
    scope: ({ destination_space_key: key }) => [key],
    input: z.object({
      source_page_id: shapes.pageId,
      destination_space_key: shapes.spaceKey,
      new_title: shapes.title,
      destination_parent_id: shapes.pageId.optional(),
      copy_attachments: z.boolean().default(true).describe('true: up to 20 files go along'),
    }),
    output: shapes.writtenShape.extend({ attachments: z.number() }),
    async run(client, args, context) {
      const source = await pageWithin(client, args.source_page_id, context)
      const written = await client.createPage({
        spaceKey: args.destination_space_key,
        title: args.new_title,
        storage: source.storage,
        parentId: args.destination_parent_id,
      })
      const attachments = args.copy_attachments ? await copyFiles(client, source.id, written.id) : 0
      return { ...presentWritten(written), attachments }
    },
  }),
  tool({
    name: 'confluence_get_page_history',
    title: 'Read an old version of a page',
    description: 'The text of a page as it was in one version, with the list of newest versions.',
    toolset: 'pages',
    effect: 'read',
    scope: 'own',
    input: z.object({
      page_id: shapes.pageId,
      version: z.int().min(1).describe('Number of the version'),
      convert_to_markdown: shapes.asMarkdown,
    }),
    output: shapes.pageShape.extend({ versions: z.array(shapes.versionShape) }),
    async run(client, args, context) {
      await requireWithin(client, args.page_id, context)
      const page = await client.page(args.page_id, { version: args.version })
      const { items } = await client.versions(args.page_id, { limit: 25 })
      return { ...presentPage(page, args.convert_to_markdown), versions: [...items] }
    },
  }),
  tool({
    name: 'confluence_get_page_diff',
    title: 'Compare two versions of a page',
    description: 'Lines that went and came, as Markdown.',
    toolset: 'pages',
    effect: 'read',
    scope: 'own',
    input: z.object({
      page_id: shapes.pageId,
      from_version: z.int().min(1).describe('The older version'),
      to_version: z.int().min(1).describe('The newer version'),
    }),
    output: z.object({ diff: z.string() }),
    async run(client, args, context) {
      await requireWithin(client, args.page_id, context)
      const textAt = async (version: number) =>
        textOf((await client.page(args.page_id, { version })).storage, true)
      const [before, after] = [await textAt(args.from_version), await textAt(args.to_version)]
      return { diff: diffLines(before, after) }
    },
  }),
  tool({
    name: 'confluence_get_page_views',
    title: 'Count the views of a page',
    description: 'Cloud only.',
    toolset: 'pages',
    effect: 'read',
    scope: 'own',
    input: z.object({
      page_id: shapes.pageId,
      include_title: z.boolean().default(true).describe('true: with the title of the page'),
    }),
    output: z.object({ views: z.number(), title: z.string().optional() }),
    async run(client, { page_id: id, include_title: withTitle }, context) {
      const count = requireCan(client.can.views, 'count views')
      await requireWithin(client, id, context)
      const title = withTitle ? (await client.page(id)).title : undefined
      return { views: await count(id), ...withoutAbsent({ title }) }
    },
  }),
  tool({
    name: 'confluence_get_page_restrictions',
    title: 'Show who may see and change a page',
    description: 'People and groups that a page is restricted to; none named: all of its space.',
    toolset: 'pages',
    effect: 'read',
    scope: 'own',
    input: z.object({ page_id: shapes.pageId }),
    output: restrictionList,
    async run(client, { page_id: id }, context) {
      await requireWithin(client, id, context)
      return { restrictions: (await client.restrictions(id)).map(presentRestriction) }
    },
  }),
  tool({
    name: 'confluence_set_page_restrictions',
    title: 'Restrict who may see and change a page',
    description:
      'Replaces who alone may see or change a page; an empty list: nobody is named. A list that is left out stays. Name yourself too: whoever is not named is shut out.',
    toolset: 'pages',
    effect: 'write',
    idempotent: true,
    scope: 'own',
    input: z.object({
      page_id: shapes.pageId,
      read_users: people('see'),
      read_groups: groups('see'),
      edit_users: people('change'),
      edit_groups: groups('change'),
    }),
    output: restrictionList,
    async run(client, args, context) {
      const { page_id: id } = args
      await requireWithin(client, id, context)
      const before = await client.restrictions(id)
      const named = {
        read: { users: args.read_users, groups: args.read_groups },
        update: { users: args.edit_users, groups: args.edit_groups },
      }
      const wishes = before.map((one) => ({ ...one, ...withoutAbsent(named[one.operation]) }))
      await setRestrictions(client, id, wishes)
      return { restrictions: (await client.restrictions(id)).map(presentRestriction) }
    },
  }),
]

/** The page is there, so what was not found is the call. @throws ToolRefusal `confluence.cannot` */
async function setRestrictions(client: ConfluenceClient, id: string, wishes: Restriction[]) {
  try {
    await client.setRestrictions(id, wishes)
  } catch (error) {
    const isThere = !(error instanceof ConfluenceError) || error.kind !== 'not-found'
    if (isThere) throw error
    requireCan(undefined, 'change the restrictions of a page')
  }
}

type Named = {
  readonly page_id?: string | undefined
  readonly title?: string | undefined
  readonly space_key?: string | undefined
}

async function namedPage(client: ConfluenceClient, { page_id: id, title, space_key: key }: Named) {
  if (id !== undefined) return client.page(id)
  if (title === undefined || key === undefined)
    throw badArgument('page_id', 'is needed, or title and space_key together')
  const page = await client.pageByTitle(key, title)
  if (page !== undefined) return page
  throw badArgument('title', `the space ${key} shows no page of this title`)
}

type Target = {
  readonly target_parent_id?: string | undefined
  readonly target_space_key?: string | undefined
}

/** A space stands for its first page. */
async function targetOf(
  client: ConfluenceClient,
  { target_parent_id: id, target_space_key: key }: Target,
): Promise<string> {
  if (id !== undefined) return id
  if (key === undefined) throw badArgument('target_parent_id', 'is needed, or target_space_key')
  const { homepageId } = await client.space(key)
  if (homepageId !== undefined) return homepageId
  throw badArgument('target_space_key', 'this space has no first page; name a target_parent_id')
}

const copiedFilesMax = 20
const copiedBytesMax = 10_000_000

async function copyFiles(client: ConfluenceClient, fromId: string, toId: string): Promise<number> {
  const { items } = await client.attachments(fromId, { limit: copiedFilesMax })
  for (const file of items) {
    const bytes = await client.download(file, copiedBytesMax)
    const { title: fileName, mediaType: contentType, comment } = file
    await client.upload(toId, { fileName, contentType, bytes, ...withoutAbsent({ comment }) })
  }
  return items.length
}

/** From the top down; what has no parent here stands at the top. */
function asTree(pages: readonly PageRef[]): (PageRef & { depth: number })[] {
  const ids = new Set(pages.map(({ id }) => id))
  const below = Map.groupBy(pages, ({ parentId }) =>
    parentId !== undefined && ids.has(parentId) ? parentId : '',
  )
  const walk = (parentId: string, depth: number): (PageRef & { depth: number })[] =>
    (below.get(parentId) ?? []).flatMap((page) => [{ ...page, depth }, ...walk(page.id, depth + 1)])
  return walk('', 0)
}
