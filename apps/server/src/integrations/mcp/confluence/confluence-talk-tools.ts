import { z } from 'zod'
import { withoutAbsent } from '../../../platform/values/without-absent.ts'
import type { ConfluenceClient } from '../../confluence/confluence-model.ts'
import { toolsOf } from '../tool.ts'
import * as shapes from './confluence-shapes.ts'
import { from, presentComment, requireCan, requireWithin } from './confluence-shapes.ts'
import { storageOf } from './confluence-text.ts'

const tool = toolsOf<ConfluenceClient>()

const body = z.string().min(1).max(100_000).describe('Markdown')
const labelName = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^\s:;,.?&[\]()#^*@!]+$/)
  .describe('One word, such as decision')
const commentList = z.object({ comments: z.array(shapes.commentShape), next: shapes.next })

function commentsTool(location: 'footer' | 'inline', words: { name: string; title: string }) {
  return tool({
    ...words,
    description:
      location === 'footer'
        ? 'Comments below a page with the replies to them.'
        : 'Comments that hang on words of a page, with those words.',
    toolset: 'comments',
    effect: 'read',
    scope: 'own',
    input: z.object({ page_id: shapes.pageId, limit: shapes.limit(25), cursor: shapes.cursor }),
    output: commentList,
    async run(client, args, context) {
      await requireWithin(client, args.page_id, context)
      const { items, next } = await from(client, args, (wish) =>
        client.comments(args.page_id, { ...wish, location }),
      )
      return { comments: items.map(presentComment), ...withoutAbsent({ next }) }
    },
  })
}

const labelList = z.object({ labels: z.array(z.string()) })

export const talkTools = [
  commentsTool('footer', { name: 'confluence_get_comments', title: 'Read the comments of a page' }),
  commentsTool('inline', {
    name: 'confluence_get_inline_comments',
    title: 'Read the inline comments of a page',
  }),
  tool({
    name: 'confluence_add_comment',
    title: 'Comment on a page',
    description:
      'Adds a comment below a page. Not repeatable: read the comments before calling again.',
    toolset: 'comments',
    effect: 'write',
    scope: 'own',
    input: z.object({ page_id: shapes.pageId, body }),
    output: shapes.commentShape,
    async run(client, args, context) {
      await requireWithin(client, args.page_id, context)
      const storage = storageOf(args.body, 'markdown')
      return presentComment(await client.addComment(args.page_id, storage))
    },
  }),
  tool({
    name: 'confluence_reply_to_comment',
    title: 'Answer a comment',
    description: 'Adds a reply to a comment below a page. Not repeatable.',
    toolset: 'comments',
    effect: 'write',
    scope: 'own',
    input: z.object({ comment_id: z.string().min(1).max(60).describe('Id of the comment'), body }),
    output: shapes.commentShape,
    async run(client, args, context) {
      if (context.allowed !== undefined)
        await requireWithin(client, await client.pageOfComment(args.comment_id), context)
      const storage = storageOf(args.body, 'markdown')
      return presentComment(await client.reply(args.comment_id, storage))
    },
  }),
  tool({
    name: 'confluence_add_inline_comment',
    title: 'Comment on words of a page',
    description: 'Hangs a comment on words of a page. Cloud only. Not repeatable.',
    toolset: 'comments',
    effect: 'write',
    scope: 'own',
    input: z.object({
      page_id: shapes.pageId,
      body,
      text_selection: z.string().min(1).max(1_000).describe('The words, as they read on the page'),
      text_selection_match_count: z
        .int()
        .min(1)
        .default(1)
        .describe('How often these words stand on the page'),
      text_selection_match_index: z
        .int()
        .min(0)
        .default(0)
        .describe('Which of them; 0 is the first'),
    }),
    output: shapes.commentShape,
    async run(client, args, context) {
      const add = requireCan(client.can.addInlineComment, 'hang a comment on words')
      await requireWithin(client, args.page_id, context)
      const comment = await add({
        pageId: args.page_id,
        storage: storageOf(args.body, 'markdown'),
        selection: args.text_selection,
        matchCount: args.text_selection_match_count,
        matchIndex: args.text_selection_match_index,
      })
      return presentComment(comment)
    },
  }),
  tool({
    name: 'confluence_get_labels',
    title: 'Read the labels of a page',
    description: 'Labels of a page.',
    toolset: 'labels',
    effect: 'read',
    scope: 'own',
    input: z.object({ page_id: shapes.pageId }),
    output: labelList,
    async run(client, { page_id: id }, context) {
      await requireWithin(client, id, context)
      return { labels: [...(await client.labels(id))] }
    },
  }),
  tool({
    name: 'confluence_add_label',
    title: 'Label a page',
    description: 'Adds one label to a page; one that is there already stays.',
    toolset: 'labels',
    effect: 'write',
    idempotent: true,
    scope: 'own',
    input: z.object({ page_id: shapes.pageId, name: labelName }),
    output: labelList,
    async run(client, { page_id: id, name }, context) {
      await requireWithin(client, id, context)
      return { labels: [...(await client.addLabel(id, name))] }
    },
  }),
  tool({
    name: 'confluence_remove_label',
    title: 'Take a label off a page',
    description: 'Removes one label from a page; one that is not there is no failure.',
    toolset: 'labels',
    effect: 'write',
    idempotent: true,
    scope: 'own',
    input: z.object({ page_id: shapes.pageId, name: labelName }),
    output: labelList,
    async run(client, { page_id: id, name }, context) {
      await requireWithin(client, id, context)
      await client.removeLabel(id, name)
      return { labels: [...(await client.labels(id))] }
    },
  }),
]
