import type { McpServer } from '@modelcontextprotocol/server'
import type { TrelloClient } from '../../trello/trello-client.ts'
import { TrelloError, trelloErrorCode } from '../../trello/trello-error.ts'
import { createToolServer, type ToolServer, type ToolServerLimits } from '../tool-server.ts'
import { attachmentTools, webhookTools } from './trello-attachment-tools.ts'
import { boardTools } from './trello-board-tools.ts'
import { cardTools } from './trello-card-tools.ts'
import {
  checklistTools,
  commentTools,
  customFieldTools,
  labelTools,
  memberTools,
} from './trello-part-tools.ts'

export const trelloServer: ToolServer<TrelloClient> = {
  name: 'studioops-trello',
  title: 'StudioOps Trello',
  instructions:
    'Trello of one person. Name the board that you mean; read a card before you change it. ' +
    'Archive instead of deleting.',
  tools: [
    ...boardTools,
    ...cardTools,
    ...memberTools,
    ...checklistTools,
    ...commentTools,
    ...labelTools,
    ...attachmentTools,
    ...customFieldTools,
    ...webhookTools,
  ],
  filters: 'boards',
  explain(error) {
    if (!(error instanceof TrelloError)) return undefined
    const { facts, failure } = error
    const { messages } = failure
    return { code: trelloErrorCode(error), facts, messages, fields: {}, error: failure }
  },
}

/** Trello as MCP tools, for one person's credential. */
export function createTrelloMcpServer(
  client: TrelloClient,
  limits: ToolServerLimits = {},
): McpServer {
  return createToolServer(trelloServer, { ...limits, open: () => client })
}
