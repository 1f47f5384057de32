import { z } from 'zod'
import { withoutAbsent } from '../../../platform/values/without-absent.ts'
import { ConfluenceError } from '../../confluence/confluence-error.ts'
import type { ConfluenceClient } from '../../confluence/confluence-model.ts'
import { toolsOf } from '../tool.ts'
import { badArgument } from '../tool-refusal.ts'
import * as shapes from './confluence-shapes.ts'
import { from, presentAttachment, requireWithin } from './confluence-shapes.ts'

const tool = toolsOf<ConfluenceClient>()

const contentId = shapes.pageId.describe('Id of the page that the files hang on')
const attachmentId = z.string().min(1).max(60).describe('Id of the attachment')
const attachmentList = z.object({ attachments: z.array(shapes.attachmentShape), next: shapes.next })

/** As base64 inside a result of 100,000 characters, with room for the rest of it. */
const downloadMax = 70_000
const uploadMax = 8_000_000

const fileShape = shapes.attachmentShape.extend({
  contentBase64: z.string().optional().describe('Absent where the file is too large to be shown'),
})

export const fileTools = [
  tool({
    name: 'confluence_get_attachments',
    title: 'List the files of a page',
    description: 'Files that hang on a page.',
    toolset: 'attachments',
    effect: 'read',
    scope: 'own',
    input: z.object({
      content_id: contentId,
      start: shapes.start,
      limit: shapes.limit(50),
      filename: z.string().max(255).optional().describe('Only files of this name'),
      media_type: z.string().max(255).optional().describe('Only files of this type'),
      cursor: shapes.cursor,
    }),
    output: attachmentList,
    async run(client, args, context) {
      await requireWithin(client, args.content_id, context)
      const { items, next } = await from(client, args, (wish) =>
        client.attachments(args.content_id, {
          ...wish,
          ...withoutAbsent({ fileName: args.filename, mediaType: args.media_type }),
        }),
      )
      return { attachments: items.map(presentAttachment), ...withoutAbsent({ next }) }
    },
  }),
  tool({
    name: 'confluence_get_page_images',
    title: 'List the pictures of a page',
    description: 'Pictures that hang on a page; read one with confluence_download_attachment.',
    toolset: 'attachments',
    effect: 'read',
    scope: 'own',
    input: z.object({ content_id: contentId }),
    output: attachmentList,
    async run(client, { content_id: id }, context) {
      await requireWithin(client, id, context)
      const { items, next } = await client.attachments(id, { limit: 100 })
      const images = items.filter(({ mediaType }) => mediaType.startsWith('image/'))
      return { attachments: images.map(presentAttachment), ...withoutAbsent({ next }) }
    },
  }),
  tool({
    name: 'confluence_download_attachment',
    title: 'Read a file',
    description: `One file as base64, at most ${downloadMax} bytes.`,
    toolset: 'attachments',
    effect: 'read',
    scope: 'own',
    whole: true,
    input: z.object({ attachment_id: attachmentId }),
    output: fileShape,
    async run(client, { attachment_id: id }, context) {
      const file = await client.attachment(id)
      await requireWithin(client, file.contentId, context)
      return readFile(client, file)
    },
  }),
  tool({
    name: 'confluence_download_content_attachments',
    title: 'Read the files of a page',
    description: `Files of a page as base64, until ${downloadMax} bytes are reached; the others by name.`,
    toolset: 'attachments',
    effect: 'read',
    scope: 'own',
    whole: true,
    input: z.object({ content_id: contentId }),
    output: z.object({ attachments: z.array(fileShape), next: shapes.next }),
    async run(client, { content_id: id }, context) {
      await requireWithin(client, id, context)
      const { items, next } = await client.attachments(id, { limit: 50 })
      const attachments = []
      let left = downloadMax
      for (const file of items) {
        const fits = file.bytes <= left
        attachments.push(fits ? await readFile(client, file) : presentAttachment(file))
        if (fits) left -= file.bytes
      }
      return { attachments, ...withoutAbsent({ next }) }
    },
  }),
  tool({
    name: 'confluence_upload_attachment',
    title: 'Hang a file on a page',
    description: 'A file of the same name becomes its next version.',
    toolset: 'attachments',
    effect: 'write',
    scope: 'own',
    input: z.object({
      content_id: contentId,
      content_base64: z.string().min(1).max(uploadMax).describe('The file as base64'),
      filename: z.string().min(1).max(255).describe('Name of the file'),
      comment: z.string().max(255).optional().describe('What the file is about'),
      minor_edit: z.boolean().default(false).describe('true: nobody is notified'),
      media_type: z.string().max(255).optional().describe('Such as image/png'),
    }),
    output: shapes.attachmentShape,
    async run(client, args, context) {
      await requireWithin(client, args.content_id, context)
      if (!/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(args.content_base64))
        throw badArgument('content_base64', 'base64 is expected')
      return presentAttachment(await upload(client, args, args))
    },
  }),
  tool({
    name: 'confluence_upload_attachments',
    title: 'Hang several files on a page',
    description:
      'Up to 10 files, one after the other. A file of the same name becomes its next version; what was uploaded stays when a later one fails.',
    toolset: 'attachments',
    effect: 'write',
    scope: 'own',
    input: z.object({
      content_id: contentId,
      files: z
        .string()
        .max(uploadMax)
        .describe('JSON list such as [{"filename": "a.txt", "content_base64": "YQ=="}]; no paths'),
      comment: z.string().max(255).optional().describe('What the files are about'),
      minor_edit: z.boolean().default(false).describe('true: nobody is notified'),
    }),
    output: z.object({
      attachments: z.array(shapes.attachmentShape),
      failed: z.array(z.object({ filename: z.string(), reason: z.string() })),
    }),
    async run(client, args, context) {
      const files = readFiles(args.files)
      await requireWithin(client, args.content_id, context)
      const attachments = []
      const failed = []
      for (const [done, file] of files.entries()) {
        await context.progress(done, files.length)
        try {
          attachments.push(presentAttachment(await upload(client, args, file)))
        } catch (error) {
          if (!(error instanceof ConfluenceError) || attachments.length === 0) throw error
          failed.push({ filename: file.filename, reason: error.reason })
        }
      }
      return { attachments, failed }
    },
  }),
  tool({
    name: 'confluence_delete_attachment',
    title: 'Delete a file',
    description: 'Puts a file of a page into the trash.',
    toolset: 'attachments',
    effect: 'destroy',
    idempotent: true,
    scope: 'own',
    input: z.object({ attachment_id: attachmentId }),
    output: z.object({ id: z.string() }),
    async run(client, { attachment_id: id }, context) {
      if (context.allowed !== undefined)
        await requireWithin(client, (await client.attachment(id)).contentId, context)
      await client.deleteAttachment(id)
      return { id }
    },
  }),
]

const sentFile = z.object({
  filename: z.string().min(1).max(255),
  content_base64: z.base64().min(1),
  media_type: z.string().max(255).optional(),
})
type SentFile = z.output<typeof sentFile>
const sentFiles = z.array(sentFile).min(1).max(10)

/** @throws ToolRefusal that shows what is expected */
function readFiles(json: string): SentFile[] {
  const read = sentFiles.safeParse(parse(json))
  if (read.success) return read.data
  const expected =
    'a JSON list is expected, such as [{"filename": "a.txt", "content_base64": "YQ=="}]'
  throw badArgument('files', expected)
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

function upload(
  client: ConfluenceClient,
  about: { content_id: string; comment?: string | undefined; minor_edit: boolean },
  file: SentFile,
) {
  return client.upload(about.content_id, {
    fileName: file.filename.replaceAll(/[\\/]/g, '_'),
    contentType: file.media_type ?? 'application/octet-stream',
    bytes: Buffer.from(file.content_base64, 'base64'),
    comment: about.comment,
    minorEdit: about.minor_edit,
  })
}

async function readFile(
  client: ConfluenceClient,
  file: Awaited<ReturnType<ConfluenceClient['attachment']>>,
) {
  const bytes = await client.download(file, downloadMax)
  return { ...presentAttachment(file), contentBase64: Buffer.from(bytes).toString('base64') }
}
