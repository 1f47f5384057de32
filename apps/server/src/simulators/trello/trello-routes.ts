import type { Answer } from '../exchange.ts'
import { boardRoutes } from './trello-board-routes.ts'
import { cardRoutes } from './trello-card-routes.ts'
import { partRoutes } from './trello-part-routes.ts'
import type { Present } from './trello-present.ts'
import type { TrelloMember } from './trello-simulator.ts'
import type { TrelloState } from './trello-state.ts'
import type { UploadedFile, Values } from './trello-values.ts'
import type { Webhooks } from './trello-webhooks.ts'
import type { TrelloWorld } from './trello-world.ts'

export type Place = {
  readonly state: () => TrelloState
  readonly world: TrelloWorld
  readonly present: Present
  readonly webhooks: Webhooks
  readonly members: readonly TrelloMember[]
}

export type Ask = Place & {
  readonly member: TrelloMember
  readonly values: Values
  readonly file: UploadedFile | undefined
  /** What stands in the path for the names in braces. */
  readonly ids: Readonly<Record<string, string>>
}

/** @returns what is sent as JSON, or an answer of its own */
export type Serve = (ask: Ask) => unknown

export type RouteTable = Readonly<Record<string, Serve>>

/** @throws TrelloRefusal from the one that serves */
export type Routed = { readonly name: string; readonly serve: Serve; readonly ids: Ask['ids'] }

const routes = Object.entries({ ...boardRoutes, ...cardRoutes, ...partRoutes }).map(
  ([name, serve]) => {
    const [method = '', path = ''] = name.split(' ')
    return { name, method, parts: path.split('/'), serve }
  },
)

/** @param path below `/1`, without a slash at its end */
export function findRoute(method: string, path: string): Routed | undefined {
  const given = path.split('/').map(decodeURIComponent)
  for (const { name, method: wanted, parts, serve } of routes) {
    if (wanted !== method || parts.length !== given.length) continue
    const ids: Record<string, string> = {}
    const fits = parts.every((part, index) => {
      const text = given[index] ?? ''
      if (!part.startsWith('{')) return part === text
      ids[part.slice(1, -1)] = text
      return text !== ''
    })
    if (fits) return { name, serve, ids }
  }
  return undefined
}

export function isAnswer(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && 'headers' in value && 'status' in value
}
