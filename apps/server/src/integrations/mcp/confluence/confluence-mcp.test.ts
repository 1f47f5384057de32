import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createOutbound, type Outbound } from '../../../platform/outbound/outbound.ts'
import { Secret } from '../../../platform/secret/secret.ts'
import {
  serveConfluence,
  type ServedConfluence,
  wikiPerson,
} from '../../../simulators/confluence/served-confluence.test-data.ts'
import { createConfluenceClient } from '../../confluence/confluence-client.ts'
import { connectInProcess, type McpClient } from '../mcp-in-process.ts'
import type { ToolServerLimits } from '../tool-server.ts'
import { confluenceServer, createConfluenceMcpServer } from './confluence-server.ts'
import { toCql, withinSpaces } from './confluence-space-tools.ts'

/** The useful part of the other server's tools (`external-apis.md` 12.2). */
const wanted = [
  'search',
  'get_page',
  'get_page_children',
  'get_space_page_tree',
  'get_comments',
  'get_labels',
  'add_label',
  'create_page',
  'update_page',
  'update_page_section',
  'delete_page',
  'move_page',
  'add_comment',
  'reply_to_comment',
  'search_user',
  'get_page_history',
  'get_page_diff',
  'upload_attachment',
  'get_attachments',
  'download_attachment',
  'delete_attachment',
  'copy_page',
  'get_inline_comments',
  'add_inline_comment',
  'get_page_views',
  'download_content_attachments',
  'get_page_images',
  'list_page_templates',
  'get_page_template',
  'create_page_from_template',
  'upload_attachments',
  'get_page_restrictions',
  'set_page_restrictions',
  'check_content_permissions',
  'get_space_permissions',
].map((name) => `confluence_${name}`)

it('offers the tools of the other server, and every one says what it does [CON-6, CON-12]', () => {
  const { tools } = confluenceServer
  expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(wanted))
  expect(new Set(tools.map(({ name }) => name)).size).toBe(tools.length)
  for (const tool of tools) {
    const { inputSchema, outputSchema, annotations, title } = tool.listed()
    for (const property of Object.values(inputSchema.properties ?? {}))
      expect(property).toMatchObject({ type: expect.any(String), description: expect.any(String) })
    expect([outputSchema?.['type'], title, annotations?.readOnlyHint]).toEqual([
      'object',
      tool.title,
      tool.effect === 'read',
    ])
  }
})

it('keeps a query to the spaces that are allowed, whatever the query says', () => {
  expect(toCql('refund rules')).toBe('type = page and siteSearch ~ "refund rules"')
  expect(toCql('label = decision')).toBe('label = decision')
  expect(withinSpaces('a = 1 or space = PAY order by title', ['TEAM'])).toBe(
    '(a = 1 or space = PAY) and space in ("TEAM") order by title',
  )
})

describe.each(['dc', 'cloud'] as const)('%s [CON-11]', (flavour) => {
  let confluence: ServedConfluence
  let outbound: Outbound
  const closing: (() => Promise<unknown>)[] = []
  beforeAll(async () => {
    confluence = await serveConfluence(flavour)
    outbound = createOutbound({
      allowed: { listed: [], trustedOrigins: () => [confluence.origin] },
      clock: { now: () => Date.now(), wait: async () => {} },
    })
  })
  afterAll(async () => {
    for (const close of closing) await close()
    await outbound[Symbol.asyncDispose]()
    await confluence[Symbol.asyncDispose]()
  })

  async function connect(limits: ToolServerLimits = {}, secret?: string): Promise<McpClient> {
    const { emailAddress: email, apiToken, personalAccessToken } = wikiPerson()
    const token = new Secret(secret ?? (flavour === 'dc' ? personalAccessToken : apiToken))
    const credential =
      flavour === 'dc' ? { kind: 'pat' as const, token } : { kind: 'basic' as const, email, token }
    const client = createConfluenceClient({
      outbound,
      flavour,
      baseUrl: confluence.url,
      credential,
    })
    const mcp = await connectInProcess(createConfluenceMcpServer(client, limits))
    closing.push(() => mcp.close())
    return mcp
  }

  /** The result of a call that worked. */
  async function call(client: McpClient, name: string, args: object = {}) {
    const result = await client.callTool({
      name: `confluence_${name}`,
      arguments: { ...args },
    })
    // oxlint-disable-next-line typescript/no-explicit-any -- a test reads what it expects
    const content = result.structuredContent as any
    if (result.isError === true)
      throw new Error(`${content.code}: ${JSON.stringify(content.error)}`)
    return content
  }

  const idOf = async (client: McpClient, title: string, key: string): Promise<string> =>
    (await call(client, 'get_page', { title, space_key: key })).id

  it('searches, reads and walks pages in both languages [CON-12]', async () => {
    const client = await connect()
    const { results } = await call(client, 'search', { query: 'ביטול', spaces_filter: 'STU' })
    expect(results).toMatchObject([{ title: 'כללי ביטול הזמנה', spaceKey: 'STU' }])
    const page = await call(client, 'get_page', { page_id: results[0].id })
    expect(page.content).toContain('**24 שעות**')
    expect(page).toMatchObject({ version: { number: 1 }, labels: ['הזמנות'] })
    expect(page.ancestors.map(({ title }: { title: string }) => title)).toEqual(['סטודיו'])
    const { pages } = await call(client, 'get_space_page_tree', { space_key: 'TEAM' })
    expect(
      pages.map(({ title, depth }: { title: string; depth: number }) => [title, depth]),
    ).toEqual([
      ['Team handbook', 0],
      ['Definition of done', 1],
      ['Stories', 1],
    ])
    const parent = await idOf(client, 'Payments', 'PAY')
    const first = await call(client, 'get_page_children', { parent_id: parent, limit: 1 })
    const second = await call(client, 'get_page_children', {
      parent_id: parent,
      limit: 1,
      start: 1,
    })
    expect([first.pages[0].title, typeof first.next, second.pages[0].title]).toEqual([
      'Card storage rules',
      'string',
      'Decision: one payment provider',
    ])
  })

  it('changes one section and leaves every other byte as it is [CON-12]', async () => {
    const client = await connect()
    const id = await idOf(client, 'Card storage rules', 'PAY')
    const raw = { page_id: id, convert_to_markdown: false }
    const before: string = (await call(client, 'get_page', raw)).content
    const section = {
      page_id: id,
      heading_text: 'What may be stored',
      new_content: 'Nothing **at all**.',
    }
    await call(client, 'update_page_section', section)
    const after: string = (await call(client, 'get_page', raw)).content
    const [, tail = ''] = before.split('<h2>Limits</h2>')
    expect(after).toBe(
      `<h2>What may be stored</h2><p>Nothing <strong>at all</strong>.</p><h2>Limits</h2>${tail}`,
    )
    const { diff } = await call(client, 'get_page_diff', {
      page_id: id,
      from_version: 1,
      to_version: 2,
    })
    expect(diff).toContain('+Nothing **at all**.')
    expect(diff).not.toContain('400')
    const missing = { ...section, heading_text: 'Missing' }
    await expect(call(client, 'update_page_section', missing)).rejects.toThrow('Limits')
  })

  it('creates, renames, moves, copies, deletes and restores', async () => {
    const client = await connect()
    const content = '# Plan\n\n- one\n- two & three'
    const made = await call(client, 'create_page', {
      space_key: 'TEAM',
      title: 'Plan',
      content,
      page_width: 'full-width',
    })
    expect(made.url.startsWith(confluence.url)).toBe(true)
    await expect(
      call(client, 'create_page', { space_key: 'TEAM', title: 'Plan', content }),
    ).rejects.toThrow('confluence.rejected')
    const renamed = { page_id: made.id, title: 'The plan', expected_version: 1 }
    expect(await call(client, 'update_page', renamed)).toMatchObject({ version: 2 })
    await expect(call(client, 'update_page', renamed)).rejects.toThrow('confluence.changed')
    const stories = await idOf(client, 'Stories', 'TEAM')
    await call(client, 'move_page', { page_id: made.id, target_parent_id: stories })
    expect(await call(client, 'get_page', { page_id: made.id })).toMatchObject({
      parentId: stories,
    })
    await call(client, 'upload_attachment', {
      content_id: made.id,
      content_base64: Buffer.from('שלום').toString('base64'),
      filename: 'תכנית.txt',
      media_type: 'text/plain',
    })
    const copied = await call(client, 'copy_page', {
      source_page_id: made.id,
      destination_space_key: 'PAY',
      new_title: 'Their plan',
    })
    expect(copied.attachments).toBe(1)
    const { attachments } = await call(client, 'get_attachments', { content_id: copied.id })
    expect(attachments).toMatchObject([{ title: 'תכנית.txt', mediaType: 'text/plain' }])
    const file = await call(client, 'download_attachment', { attachment_id: attachments[0].id })
    expect(Buffer.from(file.contentBase64, 'base64').toString()).toBe('שלום')
    await call(client, 'delete_attachment', { attachment_id: attachments[0].id })
    await call(client, 'delete_page', { page_id: made.id })
    await expect(call(client, 'get_page', { page_id: made.id })).rejects.toThrow('not-found')
    expect(await call(client, 'restore_page', { page_id: made.id })).toMatchObject({ id: made.id })
  })

  it('hangs several files on a page, and tells a person what an argument has to be', async () => {
    const client = await connect()
    const id = await idOf(client, 'Stories', 'TEAM')
    const files = JSON.stringify([
      { filename: 'a.txt', content_base64: 'YQ==' },
      { filename: '../b.txt', content_base64: 'Yg==' },
    ])
    const { attachments } = await call(client, 'upload_attachments', { content_id: id, files })
    expect(attachments.map(({ title }: { title: string }) => title)).toEqual(['a.txt', '.._b.txt'])
    await expect(
      call(client, 'upload_attachments', { content_id: id, files: '/etc/passwd' }),
    ).rejects.toThrow('mcp.arguments')
  })

  it('restricts who may see and change a page, and shuts nobody out of his own', async () => {
    const client = await connect()
    const { id } = await call(client, 'create_page', { space_key: 'TEAM', title: 'For two of us' })
    const [noa, maya] = [wikiPerson(), wikiPerson('maya.green')].map(({ name, accountId }) =>
      flavour === 'dc' ? name : accountId,
    )
    const wish = { page_id: id, edit_users: [noa, maya] }
    const { restrictions } = await call(client, 'set_page_restrictions', wish)
    expect(restrictions).toEqual([
      { operation: 'read', users: [], groups: [] },
      { operation: 'update', users: [noa, maya], groups: [] },
    ])
    await expect(
      call(client, 'set_page_restrictions', { page_id: id, read_users: [maya] }),
    ).rejects.toThrow('confluence.rejected')
    await call(client, 'set_page_restrictions', { page_id: id, edit_users: [] })
    expect(await call(client, 'get_page_restrictions', { page_id: id })).toMatchObject({
      restrictions: [{ users: [] }, { users: [] }],
    })
  })

  it('talks below pages, labels them, and finds people and templates', async () => {
    const client = await connect()
    const id = await idOf(client, 'Stories', 'TEAM')
    const comment = await call(client, 'add_comment', { page_id: id, body: 'נראה **טוב**' })
    await call(client, 'reply_to_comment', { comment_id: comment.id, body: 'yes' })
    const { comments } = await call(client, 'get_comments', { page_id: id })
    expect(comments).toMatchObject([
      { content: expect.stringContaining('**טוב**') },
      { parentId: comment.id, content: expect.stringContaining('yes') },
    ])
    await call(client, 'add_label', { page_id: id, name: 'agreed' })
    expect(await call(client, 'get_labels', { page_id: id })).toEqual({ labels: ['agreed'] })
    await call(client, 'remove_label', { page_id: id, name: 'agreed' })
    expect(await call(client, 'get_labels', { page_id: id })).toEqual({ labels: [] })
    expect(await call(client, 'search_user', { query: 'maya' })).toMatchObject({
      users: [{ displayName: 'Maya Green' }],
    })
    const { templates } = await call(client, 'list_page_templates')
    await call(client, 'create_page_from_template', {
      space_key: 'PAY',
      title: 'Decision 2',
      template_id: templates[0].id,
    })
    expect(await call(client, 'get_page', { title: 'Decision 2', space_key: 'PAY' })).toMatchObject(
      {
        content: expect.stringContaining('Why'),
      },
    )
  })

  it('does what only Cloud can, and says so on Data Center', async () => {
    const client = await connect()
    const id = await idOf(client, 'Definition of done', 'TEAM')
    const inline = call(client, 'add_inline_comment', {
      page_id: id,
      body: 'which?',
      text_selection: 'Hebrew',
    })
    const outcome = await inline.then(
      ({ selection }) => selection,
      (error: Error) => error.message,
    )
    expect(outcome).toContain(flavour === 'cloud' ? 'Hebrew' : 'confluence.cannot')
  })

  it('stays within the spaces and the rights that it was started with', async () => {
    const reader = await connect({ filter: ['TEAM'], readOnly: true })
    const { tools } = await reader.listTools()
    expect(tools.every(({ annotations }) => annotations?.readOnlyHint === true)).toBe(true)
    const open = await connect()
    const id = await idOf(open, 'Payments', 'PAY')
    await expect(call(reader, 'get_page', { page_id: id })).rejects.toThrow('mcp.outside-filter')
    await expect(call(reader, 'get_comments', { page_id: id })).rejects.toThrow(
      'mcp.outside-filter',
    )
    const { results } = await call(reader, 'search', { query: 'type = page or space = PAY' })
    expect(new Set(results.map(({ spaceKey }: { spaceKey: string }) => spaceKey))).toEqual(
      new Set(['TEAM']),
    )
    const { spaces } = await call(reader, 'list_spaces')
    expect(spaces.map(({ key }: { key: string }) => key)).toEqual(['TEAM'])
  })

  it('tells a page for people, a stranger and a conflict apart, in words of both languages [D-4]', async () => {
    const client = await connect()
    confluence.simulator.faults.set({ fault: { kind: 'html-login' }, times: 3 })
    await expect(call(client, 'get_page', { page_id: '1' })).rejects.toThrow(
      'connection.login-page',
    )
    confluence.simulator.faults.clear()
    const result = await client.callTool({
      name: 'confluence_get_page',
      arguments: { page_id: '1' },
    })
    const { hint } = result.structuredContent as { hint: { he: { message: string } } }
    expect([result.isError, hint.he.message]).toEqual([
      true,
      expect.stringContaining('אינה מכירה את הדף'),
    ])
  })
})

it('takes an answer as to a stranger for a refused token [D-4]', async () => {
  await using confluence = await serveConfluence('dc')
  await using outbound = createOutbound({
    allowed: { listed: [], trustedOrigins: () => [confluence.origin] },
  })
  const credential = { kind: 'pat', token: new Secret('wrong') } as const
  const address = { outbound, flavour: 'dc', baseUrl: confluence.url, credential } as const
  await expect(createConfluenceClient(address).myself()).rejects.toMatchObject({
    kind: 'bad-token',
  })
})
