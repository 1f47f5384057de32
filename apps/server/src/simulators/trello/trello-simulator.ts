import type { IncomingMessage } from 'node:http'
import { z } from 'zod'
import { bytesAnswer, jsonAnswer, readBody, type Answer } from '../exchange.ts'
import { createFaultControl, sharedFaults } from '../fault-control.ts'
import { createHandler, type Asked } from '../handler.ts'
import type { Simulator } from '../simulator.ts'

/** Somebody with a Trello account and a token for the one API key. */
export type TrelloMember = {
  /** 24 hex digits. */
  readonly id: string
  readonly username: string
  readonly fullName: string
  /** Absent where the token may not read it. */
  readonly email?: string
  readonly token: string
}

export type TrelloBoard = { readonly id: string; readonly name: string }

export type TrelloSimulatorOptions = {
  readonly key: string
  readonly members: readonly TrelloMember[]
  readonly boards: readonly TrelloBoard[]
  /** Requests of one token within ten seconds; Trello's own is 100. */
  readonly tokenLimit?: number
  /** Milliseconds since 1970. */
  readonly clock?: () => number
  readonly seed?: number
}

export type TrelloSimulator = Simulator & {
  /** What a person does under "Applications" of the account settings. */
  revokeToken(username: string): void
}

const state = z.object({
  kind: z.literal('trello'),
  version: z.literal(1),
  revoked: z.array(z.string()),
})

const windowMs = 10_000

/** Trello's API as far as a connection needs it; errors are plain text, as Trello sends them. */
export function createTrelloSimulator(options: TrelloSimulatorOptions): TrelloSimulator {
  const { key, members, boards, tokenLimit = 100, clock = Date.now, seed = 1 } = options
  const faults = createFaultControl({ seed, known: sharedFaults })
  const listeners = new Set<() => void>()
  const recent = new Map<string, number[]>()
  let requests: Record<string, number> = {}
  let revoked: string[] = []

  const memberOf = (token: string): TrelloMember | undefined =>
    members.find((one) => one.token === token && !revoked.includes(one.username))

  const isOverLimit = (token: string): boolean => {
    const now = clock()
    const times = (recent.get(token) ?? []).filter((time) => now - time < windowMs)
    recent.set(token, [...times, now])
    return times.length >= tokenLimit
  }

  const serve = (member: TrelloMember, { method, url }: Asked): Answer => {
    const path = url.pathname.replace(/\/$/, '')
    const wanted = url.searchParams.get('fields')
    if (method !== 'GET') return notFound()
    if (path === '/1/members/me') return jsonAnswer(200, chosen(present(member), wanted))
    if (path === '/1/members/me/boards') {
      const all = boards.map((board) => ({ ...board, closed: false, desc: '' }))
      return jsonAnswer(
        200,
        all.map((board) => chosen(board, wanted)),
      )
    }
    return path.startsWith('/1/tokens/') ? tokenFacts(path, memberOf) : notFound()
  }

  const answer = async (asked: Asked): Promise<Answer> => {
    const { request, url, fault } = asked
    await readBody(request)
    if (fault?.kind === 'too-many-requests') return limited(fault.retryAfter)
    const login = readLogin(request, url)
    if (login.key !== key) return text(401, 'invalid key')
    const member = memberOf(login.token)
    if (member === undefined) return text(401, 'invalid token')
    return isOverLimit(login.token) ? limited('10') : serve(member, asked)
  }

  return {
    ...createHandler({
      faults,
      count(method, { pathname }) {
        // A token may stand in the path.
        const name = `${method} ${pathname.replace(/^(\/1\/tokens\/).*/, '$1:token')}`
        requests[name] = (requests[name] ?? 0) + 1
      },
      answer,
      errorBody: (_status, message) => ({ message, error: 'ERROR' }),
    }),
    faults,
    counters: () => ({ requests: { ...requests } }),
    snapshot: () => ({ kind: 'trello', version: 1, revoked: [...revoked] }),
    restore(snapshot) {
      const read = state.safeParse(snapshot)
      if (!read.success) throw new Error('This is not a snapshot of a simulated Trello.')
      revoked = read.data.revoked
      requests = {}
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    revokeToken(username) {
      revoked = [...new Set([...revoked, username])]
      for (const listener of listeners) listener()
    },
  }
}

/** Header or query: Trello takes both, the header keeps secrets out of logs. */
function readLogin(request: IncomingMessage, url: URL): { key: string; token: string } {
  const header = request.headers.authorization ?? ''
  const [, key] = /oauth_consumer_key="([^"]*)"/.exec(header) ?? []
  const [, token] = /oauth_token="([^"]*)"/.exec(header) ?? []
  return {
    key: key ?? url.searchParams.get('key') ?? '',
    token: token ?? url.searchParams.get('token') ?? '',
  }
}

function present({ id, username, fullName, email }: TrelloMember) {
  return { id, username, fullName, ...(email === undefined ? {} : { email }) }
}

function chosen(value: Readonly<Record<string, unknown>>, fields: string | null) {
  if (fields === null || fields === 'all') return value
  const wanted = new Set(['id', ...fields.split(',')])
  return Object.fromEntries(Object.entries(value).filter(([name]) => wanted.has(name)))
}

function tokenFacts(path: string, memberOf: (token: string) => TrelloMember | undefined): Answer {
  const member = memberOf(path.slice('/1/tokens/'.length))
  if (member === undefined) return notFound()
  return jsonAnswer(200, {
    id: member.id.replace(/^./, 'f'),
    identifier: 'StudioOps',
    idMember: member.id,
    dateCreated: '2026-07-01T00:00:00.000Z',
    dateExpires: null,
    permissions: [{ idModel: '*', modelType: 'Board', read: true, write: true }],
  })
}

function text(status: number, words: string): Answer {
  return { ...bytesAnswer('text/plain; charset=utf-8', words), status }
}

const notFound = () => text(404, 'The requested resource was not found.')

function limited(retryAfter: string | undefined): Answer {
  const headers = retryAfter === undefined ? {} : { 'Retry-After': retryAfter }
  const body = { error: 'API_TOKEN_LIMIT_EXCEEDED', message: 'Rate limit exceeded' }
  return jsonAnswer(429, body, headers)
}
