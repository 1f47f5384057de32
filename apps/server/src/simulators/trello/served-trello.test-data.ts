import { demoTrelloBoards, demoTrelloKey, demoTrelloMembers } from '../demo-data.ts'
import { serveSimulators } from '../serve.ts'
import { createTrelloSimulator, type TrelloSimulatorOptions } from './trello-simulator.ts'

/** The first person of the demo. */
export const [noa = { id: '', username: '', fullName: '', token: '' }] = demoTrelloMembers

/** The simulated Trello of the demo, served alone. */
export async function serveTrello(options: Partial<TrelloSimulatorOptions> = {}) {
  const served = await serveSimulators({
    '/trello': (publicUrl) =>
      createTrelloSimulator({
        publicUrl,
        key: demoTrelloKey,
        members: demoTrelloMembers,
        boards: demoTrelloBoards,
        ...options,
      }),
  })
  const [studio = { id: '', lists: [] }] = demoTrelloBoards
  return {
    origin: served.origin,
    url: `${served.origin}/trello`,
    simulator: served.simulators['/trello'],
    boardId: studio.id,
    [Symbol.asyncDispose]: () => served.close(),
  }
}
