import type { ToolServer } from '../tool-server.ts'

/** Stands for the client until it is there. */
export type ConfluenceTools = object

export const confluenceServer: ToolServer<ConfluenceTools> = {
  name: 'studioops-confluence',
  title: 'StudioOps Confluence',
  instructions:
    'Confluence of one person. Search before you guess an id; read a page before you change it.',
  tools: [],
  filters: 'spaces',
  explain: () => undefined,
}
