import { z } from 'zod'
import { withoutAbsent } from '../../../platform/values/without-absent.ts'
import { type ConfluenceClient, quoteCql } from '../../confluence/confluence-model.ts'
import { namesOf } from '../csv-argument.ts'
import { toolsOf } from '../tool.ts'
import * as shapes from './confluence-shapes.ts'
import { from, presentWritten, requireCan, requireWithin } from './confluence-shapes.ts'
import { textOf } from './confluence-text.ts'

const tool = toolsOf<ConfluenceClient>()

const templateShape = z.object({ id: z.string(), name: z.string(), description: z.string() })
const templateId = z.string().min(1).max(100).describe('Id of the template')

/** What looks like CQL is taken as it is; anything else is words to look for. */
export function toCql(query: string): string {
  const isCql = /(^|\s)[a-z.]+\s*(=|!=|~|!~|>=?|<=?|\bin\b|\bnot in\b)\s*["'(\w]/i.test(query)
  return isCql ? query : `type = page and siteSearch ~ ${quoteCql(query)}`
}

/** Every space must be among these too; what the query says of spaces stays. */
export function withinSpaces(cql: string, keys: readonly string[] | undefined): string {
  if (keys === undefined) return cql
  const [, condition = '', order = ''] = /^([\s\S]*?)(\s+order\s+by\s+[\s\S]*)?$/i.exec(cql) ?? []
  return `(${condition}) and space in (${keys.map(quoteCql).join(', ')})${order}`
}

export const spaceTools = [
  tool({
    name: 'confluence_search',
    title: 'Search',
    description:
      'Pages by words or by a CQL query. New pages appear in it after a delay; read one by its title instead.',
    toolset: 'search',
    effect: 'read',
    scope: 'own',
    input: z.object({
      query: z.string().min(1).max(2_000).describe('Words, or CQL such as label = decision'),
      limit: shapes.limit(10),
      spaces_filter: z.string().max(1_000).optional().describe('Keys of spaces, comma-separated'),
      cursor: shapes.cursor,
    }),
    output: z.object({
      results: z.array(
        z.object({
          id: z.string(),
          type: z.string(),
          title: z.string(),
          spaceKey: z.string(),
          spaceName: z.string(),
          excerpt: z.string(),
          url: z.string(),
          lastModified: z.string().optional(),
        }),
      ),
      next: shapes.next,
    }),
    async run(client, args, { allowed }) {
      const asked = withinSpaces(toCql(args.query), namesOf(args.spaces_filter))
      const { items, next } = await client.search(withinSpaces(asked, allowed), args)
      const shown = items.filter(({ spaceKey }) => allowed?.includes(spaceKey) ?? true)
      return { results: shown, ...withoutAbsent({ next }) }
    },
  }),
  tool({
    name: 'confluence_list_spaces',
    title: 'List spaces',
    description: 'Spaces that this person sees.',
    toolset: 'search',
    effect: 'read',
    scope: 'own',
    input: z.object({ limit: shapes.limit(25), start: shapes.start, cursor: shapes.cursor }),
    output: z.object({
      spaces: z.array(
        z.object({
          id: z.string(),
          key: z.string(),
          name: z.string(),
          url: z.string(),
          homepageId: z.string().optional(),
        }),
      ),
      next: shapes.next,
    }),
    async run(client, args, { allowed }) {
      const { items, next } = await from(client, args, (wish) => client.spaces(wish))
      const shown = items.filter(({ key }) => allowed?.includes(key) ?? true)
      return { spaces: shown, ...withoutAbsent({ next }) }
    },
  }),
  tool({
    name: 'confluence_search_user',
    title: 'Search people',
    description: 'People by a part of their name.',
    toolset: 'search',
    effect: 'read',
    scope: 'none',
    input: z.object({
      query: z.string().min(1).max(200).describe('A part of the name, or user.fullname ~ "…"'),
      limit: shapes.limit(10),
      group_name: z
        .string()
        .max(255)
        .default('confluence-users')
        .describe('Data Center looks among the members of this group'),
    }),
    output: z.object({
      users: z.array(
        z.object({ id: z.string(), displayName: z.string(), email: z.string().optional() }),
      ),
    }),
    async run(client, { query, limit, group_name: group }) {
      const words = /~\s*"([^"]*)"/.exec(query)?.[1] ?? query
      return { users: [...(await client.users(words, { limit, group }))] }
    },
  }),
  tool({
    name: 'confluence_list_page_templates',
    title: 'List templates',
    description: 'Templates for pages, of a space or of all.',
    toolset: 'templates',
    effect: 'read',
    scope: ({ space_key: key }) => (key === undefined ? [] : [key]),
    input: z.object({ space_key: shapes.spaceKey.optional(), limit: shapes.limit(25) }),
    output: z.object({ templates: z.array(templateShape) }),
    run: async (client, { space_key: key, limit }) => ({
      templates: [...(await client.templates(key, limit))],
    }),
  }),
  tool({
    name: 'confluence_get_page_template',
    title: 'Read a template',
    description: 'One template with its text as Markdown.',
    toolset: 'templates',
    effect: 'read',
    scope: 'none',
    input: z.object({ template_id: templateId }),
    output: templateShape.extend({ content: z.string() }),
    async run(client, { template_id: id }) {
      const { storage, ...template } = await client.template(id)
      return { ...template, content: textOf(storage, true) }
    },
  }),
  tool({
    name: 'confluence_create_page_from_template',
    title: 'Create a page from a template',
    description: 'Creates a page with the text of a template. Not repeatable.',
    toolset: 'templates',
    effect: 'write',
    scope: ({ space_key: key }) => [key],
    input: z.object({
      space_key: shapes.spaceKey,
      title: shapes.title,
      template_id: templateId,
      parent_id: shapes.pageId.optional(),
    }),
    output: shapes.writtenShape,
    async run(client, args, { signal }) {
      const { storage } = await client.template(args.template_id)
      const { space_key: spaceKey, title, parent_id: parentId } = args
      return presentWritten(
        await client.createPage({ spaceKey, title, storage, parentId }, { signal }),
      )
    },
  }),
  tool({
    name: 'confluence_check_content_permissions',
    title: 'Check what somebody may do',
    description: 'Whether a person or group may do something with a page. Cloud only.',
    toolset: 'permissions',
    effect: 'read',
    scope: 'own',
    input: z.object({
      content_id: shapes.pageId,
      user_identifier: z.string().min(1).max(255).describe('Account id, or id of a group'),
      operation: z
        .enum(['read', 'update', 'delete', 'export', 'archive'])
        .describe('read, update, delete, export or archive'),
      subject_type: z.enum(['user', 'group']).default('user').describe('user or group'),
    }),
    output: z.object({ hasPermission: z.boolean() }),
    async run(client, args, context) {
      const mayDo = requireCan(client.can.mayDo, 'check permissions')
      await requireWithin(client, args.content_id, context)
      const { content_id: id, user_identifier: subject, subject_type: subjectType } = args
      const { operation } = args
      return { hasPermission: await mayDo({ contentId: id, subject, subjectType, operation }) }
    },
  }),
  tool({
    name: 'confluence_get_space_permissions',
    title: 'List who may do what in a space',
    description: 'Permissions of a space. Cloud only.',
    toolset: 'permissions',
    effect: 'read',
    scope: 'own',
    input: z.object({
      space_id: z.string().min(1).max(60).describe('Numeric id of the space'),
      limit: shapes.limit(25),
      cursor: shapes.cursor,
    }),
    output: z.object({
      permissions: z.array(
        z.object({
          id: z.string(),
          principalType: z.string(),
          principalId: z.string(),
          operation: z.string(),
          target: z.string(),
        }),
      ),
      next: shapes.next,
    }),
    async run(client, { space_id: id, ...wish }, { allowed, requireAllowed }) {
      const list = requireCan(client.can.spacePermissions, 'list permissions of a space')
      if (allowed !== undefined) requireAllowed(await keyOf(client, id))
      const { items, next } = await list(id, wish)
      return { permissions: [...items], ...withoutAbsent({ next }) }
    },
  }),
]

/** Looks among the spaces that are seen: the filter knows keys, the tool an id. */
async function keyOf(client: ConfluenceClient, id: string): Promise<string> {
  const { items } = await client.spaces({ limit: 100 })
  return items.find((space) => space.id === id)?.key ?? id
}
