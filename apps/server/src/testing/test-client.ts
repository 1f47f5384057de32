import type { CallOf, Endpoint, ReplyOf } from '@studioops/contracts/endpoint'
import type { Problem } from '@studioops/contracts/problem'
import type { RunEvent } from '@studioops/contracts/runs'
import { createParser } from 'eventsource-parser'

export type Answer<Body> =
  | { readonly ok: true; readonly status: number; readonly headers: Headers; readonly body: Body }
  | {
      readonly ok: false
      readonly status: number
      readonly headers: Headers
      readonly problem: Problem
    }

type Parts = { params?: Record<string, unknown>; query?: Record<string, unknown>; body?: unknown }

/** A browser without a page: keeps cookies, sends what the web client sends. */
export type TestClient = {
  try<E extends Endpoint>(
    endpoint: E,
    input: CallOf<E>,
    headers?: Record<string, string>,
  ): Promise<Answer<ReplyOf<E>>>
  /** @throws with the code of the refusal when it is one */
  call<E extends Endpoint>(
    endpoint: E,
    input: CallOf<E>,
    headers?: Record<string, string>,
  ): Promise<ReplyOf<E>>
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** Reads the events of a run until it ends, waits with a question, or `until` says so. */
  follow(runId: string, options?: FollowOptions): Promise<{ id: string; event: RunEvent }[]>
  cookies: Map<string, string>
}

type FollowOptions = {
  readonly lastEventId?: string
  readonly until?: (event: RunEvent, count: number) => boolean
}

const unsafe = (method: string) => method !== 'GET'

export function createTestClient(origin: string, language = 'en'): TestClient {
  const cookies = new Map<string, string>()

  async function send(path: string, init: RequestInit = {}): Promise<Response> {
    const own = {
      cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      'accept-language': language,
      ...(unsafe(init.method ?? 'GET')
        ? { origin, 'x-csrf-token': cookies.get('so_csrf') ?? '' }
        : {}),
    }
    const headers = new Headers({ ...own, ...(init.headers as Record<string, string>) })
    const response = await fetch(`${origin}${path}`, { ...init, headers, redirect: 'manual' })
    for (const cookie of response.headers.getSetCookie()) keepCookie(cookie)
    return response
  }

  function keepCookie(text: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(text) ?? []
    if (value === '') cookies.delete(name)
    else cookies.set(name, decodeURIComponent(value))
  }

  async function attempt<E extends Endpoint>(
    endpoint: E,
    input: CallOf<E>,
    extra: Record<string, string> = {},
  ): Promise<Answer<ReplyOf<E>>> {
    const { params = {}, query = {}, body } = input as Parts
    const path = endpoint.path.replace(/:(\w+)/g, (_, name: string) =>
      encodeURIComponent(String(params[name])),
    )
    const search = new URLSearchParams(query as Record<string, string>)
    const response = await send(`/api${path}?${search.toString()}`, {
      method: endpoint.method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...extra },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const { status, headers, ok } = response
    const json: unknown = await response.json()
    if (ok) return { ok, status, headers, body: endpoint.reply.parse(json) as ReplyOf<E> }
    return { ok: false, status, headers, problem: json as Problem }
  }

  return {
    cookies,
    fetch: send,
    try: attempt,
    async call(endpoint, input, headers) {
      const answer = await attempt(endpoint, input, headers)
      if (answer.ok) return answer.body
      throw new Error(
        `${endpoint.method} ${endpoint.path}: ${answer.status} ${JSON.stringify(answer.problem)}`,
      )
    },
    async follow(runId, { lastEventId, until = () => false } = {}) {
      const aborter = new AbortController()
      const response = await send(`/api/runs/${runId}/events`, {
        signal: aborter.signal,
        headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
      })
      const events: { id: string; event: RunEvent }[] = []
      if (response.body === null || !response.ok) throw new Error(`no stream: ${response.status}`)
      let isOver = false
      const parser = createParser({
        onEvent({ id = '', data, event: type }) {
          if (type === 'heartbeat' || isOver) return
          const event = JSON.parse(data) as RunEvent
          events.push({ id, event })
          isOver = ['done', 'clarify'].includes(event.type) || until(event, events.length)
        },
      })
      const decoder = new TextDecoder()
      for await (const bytes of response.body) {
        parser.feed(decoder.decode(bytes as Uint8Array, { stream: true }))
        if (isOver) break
      }
      aborter.abort()
      return events
    },
  }
}
