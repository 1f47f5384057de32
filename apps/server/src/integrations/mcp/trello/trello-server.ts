import type { ToolServer } from '../tool-server.ts'

/** Stands for the client until it is there. */
export type TrelloTools = object

export const trelloServer: ToolServer<TrelloTools> = {
  name: 'studioops-trello',
  title: 'StudioOps Trello',
  instructions:
    'Trello of one person. Name the board that you mean; read a card before you change it.',
  tools: [],
  filters: 'boards',
  explain: () => undefined,
}
