import type { McpServer } from '@modelcontextprotocol/server'
import { ConfluenceError, confluenceErrorCode } from '../../confluence/confluence-error.ts'
import type { ConfluenceClient } from '../../confluence/confluence-model.ts'
import { createToolServer, type ToolServer, type ToolServerLimits } from '../tool-server.ts'
import { fileTools } from './confluence-file-tools.ts'
import { pageTools } from './confluence-page-tools.ts'
import { spaceTools } from './confluence-space-tools.ts'
import { talkTools } from './confluence-talk-tools.ts'

export const confluenceServer: ToolServer<ConfluenceClient> = {
  name: 'studioops-confluence',
  title: 'StudioOps Confluence',
  instructions:
    'Confluence of one person. Search before you guess an id; read a page before you change it.',
  tools: [...spaceTools, ...pageTools, ...talkTools, ...fileTools],
  filters: 'spaces',
  explain(error) {
    if (!(error instanceof ConfluenceError)) return undefined
    const { facts, failure } = error
    const { messages, fields } = failure
    return { code: confluenceErrorCode(error), facts, messages, fields, error: failure }
  },
}

/** Confluence as MCP tools, for one person's credential. */
export function createConfluenceMcpServer(
  client: ConfluenceClient,
  limits: ToolServerLimits = {},
): McpServer {
  return createToolServer(confluenceServer, { ...limits, open: () => client })
}
