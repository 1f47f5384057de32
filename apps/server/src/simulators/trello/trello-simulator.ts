import type { IncomingMessage } from 'node:http'
import { z } from 'zod'
import { bytesAnswer, jsonAnswer, readBody, type Answer, type Sendable } from '../exchange.ts'
import { createFaultControl, sharedFaults } from '../fault-control.ts'
import { createHandler, type Asked } from '../handler.ts'
import type { JsonValue } from '../json-value.ts'
import type { Simulator } from '../simulator.ts'
import { createPresent } from './trello-present.ts'
import { createRates, type TrelloRates, vendorRates } from './trello-rates.ts'
import { TrelloRefusal } from './trello-refusal.ts'
import { findRoute, isAnswer, type Place } from './trello-routes.ts'
import {
  type ActionRow,
  type BoardSeed,
  seedState,
  type TrelloState,
  trelloState,
} from './trello-state.ts'
import { readParts, type UploadedFile, type Values } from './trello-values.ts'
import { createWebhooks } from './trello-webhooks.ts'
import { createTrelloWorld } from './trello-world.ts'

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

export type TrelloBoard = BoardSeed

export type TrelloSimulatorOptions = {
  readonly key: string
  readonly members: readonly TrelloMember[]
  readonly boards: readonly TrelloBoard[]
  /** Of the application; signs calls of webhooks. */
  readonly appSecret?: string
  /** Scheme, host and path below which it is served; for the addresses of files. */
  readonly publicUrl?: string
  /** Requests of one token within ten seconds; Trello's own is 100. */
  readonly tokenLimit?: number
  readonly rates?: Partial<TrelloRates>
  /** Milliseconds since 1970. */
  readonly clock?: () => number
  readonly seed?: number
}

export type TrelloSimulator = Simulator & {
  /** What a person does under "Applications" of the account settings. */
  revokeToken(username: string): void
  /** Resolves when everything that happened so far was told to webhooks. */
  webhooksSettled(): Promise<unknown>
  /** What is kept; to be looked at. */
  state(): TrelloState
}

/** As the first edition wrote it. */
const firstState = z.object({
  kind: z.literal('trello'),
  version: z.literal(1),
  revoked: z.array(z.string()),
})

const marker = /\bso-[a-z0-9]{4,40}\b/g

/** Trello's API as far as a team works with it; errors are plain text, as Trello sends them. */
export function createTrelloSimulator(options: TrelloSimulatorOptions): TrelloSimulator {
  const { key, members, boards, tokenLimit, clock = Date.now, seed = 1 } = options
  const { appSecret = 'demo-secret-of-the-power-up', publicUrl = 'https://api.trello.com' } =
    options
  const faults = createFaultControl({ seed, known: sharedFaults })
  const rates = createRates(
    { ...vendorRates, ...(tokenLimit !== undefined && { token: tokenLimit }), ...options.rates },
    clock,
  )
  const listeners = new Set<() => void>()
  let requests: Record<string, number> = {}
  let refusals = 0
  let created: Record<string, number> = {}
  let byMarker: Record<string, number> = {}
  let byTextMarker: Record<string, number> = {}
  let kept = seedState({ boards, people: members, clock })

  const state = () => kept
  const changed = () => {
    for (const listener of listeners) listener()
  }
  const present = createPresent(state, members, publicUrl)
  const webhooks = createWebhooks({ state, present: () => present, secret: appSecret })
  const world = createTrelloWorld({
    state,
    clock,
    happened(action) {
      webhooks.announce(action)
      countEffect(action)
      changed()
    },
  })
  const place: Place = { state, world, present, webhooks, members }

  function countEffect({ type, idCard, data }: ActionRow): void {
    created[type] = (created[type] ?? 0) + 1
    if (type === 'createCard') {
      const card = kept.cards.find(({ id }) => id === idCard)
      countMarkers(card?.desc, byMarker)
    }
    if (type === 'commentCard' || type === 'addChecklistToCard')
      countMarkers(JSON.stringify(data), byTextMarker)
  }

  const memberOf = (token: string): TrelloMember | undefined =>
    members.find((one) => one.token === token && !kept.revoked.includes(one.username))

  async function serve(member: TrelloMember, asked: Asked, body: Buffer): Promise<Answer> {
    const { method, url, request } = asked
    const path = url.pathname.replace(/\/$/, '')
    if (method === 'GET' && path.startsWith('/1/tokens/')) return tokenFacts(path, memberOf)
    if (method === 'GET' && path === '/1/batch') return serveBatch(member, asked)
    const route = findRoute(method, path.replace(/^\/1(?=\/)/, ''))
    if (route === undefined || !path.startsWith('/1/')) return text(404, `Cannot ${method} ${path}`)
    const { values, file } = readValues(request, url, body)
    try {
      const result = await route.serve({ ...place, member, values, file, ids: route.ids })
      return isAnswer(result) ? result : jsonAnswer(200, result as Sendable)
    } catch (thrown) {
      if (thrown instanceof TrelloRefusal) return text(thrown.status, thrown.message)
      throw thrown
    }
  }

  /** Up to ten reads in one request. */
  async function serveBatch(member: TrelloMember, asked: Asked): Promise<Answer> {
    const paths = (asked.url.searchParams.get('urls') ?? '').split(',').slice(0, 10)
    const answers = await Promise.all(
      paths.map((path) => {
        const url = new URL(`/1${path}`, asked.url)
        return serve(member, { ...asked, url, method: 'GET' }, Buffer.alloc(0))
      }),
    )
    return jsonAnswer(
      200,
      answers.map(({ status, body }) =>
        status === 200
          ? { '200': JSON.parse(body.toString()) as JsonValue }
          : { [status]: { message: body.toString() } },
      ),
    )
  }

  const answer = async (asked: Asked): Promise<Answer> => {
    const { request, url, fault } = asked
    const body = await readBody(request)
    if (body === undefined) return text(413, 'Payload Too Large')
    if (fault?.kind === 'too-many-requests') {
      refusals += 1
      return limited('API_TOKEN_LIMIT_EXCEEDED', fault.retryAfter)
    }
    const login = readLogin(request, url)
    if (login.key !== key) return text(401, 'invalid key')
    const member = memberOf(login.token)
    if (member === undefined) return text(401, 'invalid token')
    const over = rates.judge(login.key, login.token, url.pathname)
    if (over === undefined) return serve(member, asked, body)
    refusals += 1
    return limited(over, undefined)
  }

  const handler = createHandler({
    faults,
    count(method, { pathname }) {
      // A token may stand in the path.
      const clean = pathname.replace(/\/$/, '').replace(/^(\/1\/tokens\/).*/, '$1:token')
      const name = findRoute(method, clean.replace(/^\/1(?=\/)/, ''))?.name
      const counted = name === undefined ? `${method} ${clean}` : name.replace(' ', ' /1')
      requests[counted] = (requests[counted] ?? 0) + 1
    },
    answer,
    errorBody: (_status, message) => ({ message, error: 'ERROR' }),
  })

  return {
    ...handler,
    faults,
    counters: () => ({
      requests: { ...requests },
      limited: refusals,
      effects: { ...created },
      byDescriptionMarker: { ...byMarker },
      byTextMarker: { ...byTextMarker },
    }),
    snapshot: () => structuredClone(kept) as unknown as JsonValue,
    restore(snapshot) {
      const first = firstState.safeParse(snapshot)
      const read = trelloState.safeParse(snapshot)
      if (!read.success && !first.success)
        throw new Error('This is not a snapshot of a simulated Trello.')
      if (read.success) kept = structuredClone(read.data)
      else if (first.success) kept.revoked = first.data.revoked
      requests = {}
      refusals = 0
      created = {}
      byMarker = {}
      byTextMarker = {}
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    revokeToken(username) {
      kept.revoked = [...new Set([...kept.revoked, username])]
      changed()
    },
    webhooksSettled: () => webhooks.settled(),
    state: () => kept,
    close() {
      webhooks.stop()
      handler.close()
    },
  }
}

function countMarkers(words: string | undefined, counts: Record<string, number>): void {
  for (const found of new Set(words?.match(marker))) counts[found] = (counts[found] ?? 0) + 1
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

type Read = { readonly values: Values; readonly file: UploadedFile | undefined }

/** Trello takes what it is told from the query, from JSON and from forms alike. */
function readValues(request: IncomingMessage, url: URL, body: Buffer): Read {
  const { key: _, token: __, ...query } = Object.fromEntries(url.searchParams)
  const type = request.headers['content-type'] ?? ''
  if (body.length === 0) return { values: query, file: undefined }
  if (type.startsWith('multipart/form-data')) {
    const parts = readParts(type, body)
    const texts = Object.fromEntries(parts.map(({ name, text: value }) => [name, value]))
    const { file: ___, ...values } = texts
    return { values: { ...query, ...values }, file: parts.find(({ file }) => file)?.file }
  }
  if (type.startsWith('application/x-www-form-urlencoded'))
    return {
      values: { ...query, ...Object.fromEntries(new URLSearchParams(body.toString())) },
      file: undefined,
    }
  return { values: { ...query, ...readJsonBody(body) }, file: undefined }
}

function readJsonBody(body: Buffer): Values {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(body.toString()))
  } catch {
    return {}
  }
}

function tokenFacts(path: string, memberOf: (token: string) => TrelloMember | undefined): Answer {
  const member = memberOf(path.slice('/1/tokens/'.length))
  if (member === undefined) return text(404, 'The requested resource was not found.')
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

/** Trello documents no Retry-After; a fault may send one. */
function limited(error: string, retryAfter: string | undefined): Answer {
  const headers = retryAfter === undefined ? {} : { 'Retry-After': retryAfter }
  return jsonAnswer(429, { error, message: 'Rate limit exceeded' }, headers)
}
