import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Asked = {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** Parsed; undefined for a GET. */
  readonly body: Record<string, unknown> | undefined
}

type Answer = (response: ServerResponse, asked: Asked, count: number) => unknown

export type ScriptedServer = {
  /** With `/v1`. */
  readonly baseUrl: string
  /** `host:port`, as the guard wants it listed. */
  readonly host: string
  readonly asked: Asked[]
  /** Resolves when a client has gone away before the answer was over. */
  readonly leftEarly: Promise<void>
  close(): void
}

/** A server that answers byte for byte what a test wants to see read. */
export async function serveScript(answer: Answer): Promise<ScriptedServer> {
  const asked: Asked[] = []
  const left = Promise.withResolvers<void>()
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const body = text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>)
    asked.push({ path: request.url ?? '', headers: request.headers, body })
    response.on('close', () => {
      if (!response.writableFinished) left.resolve()
    })
    await answer(response, asked[asked.length - 1] as Asked, asked.length)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    baseUrl: `http://${host}/v1`,
    host,
    asked,
    leftEarly: left.promise,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

export const sseHead = { 'content-type': 'text/event-stream; charset=utf-8' }

/** One event with one choice. */
export function event(
  delta: object,
  finishReason: string | null = null,
  more: object = {},
): string {
  const choices = [{ index: 0, delta, finish_reason: finishReason }]
  const chunk = {
    id: 'c',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices,
    ...more,
  }
  return `data: ${JSON.stringify(chunk)}\n\n`
}

export const tokens = (...texts: string[]) => texts.map((content) => event({ content })).join('')
export const role = event({ role: 'assistant', content: '' })
export const stop = event({}, 'stop')
export const done = 'data: [DONE]\n\n'
export const whole = role + tokens('o', 'k') + stop + done

export function sendEvents(response: ServerResponse, ...events: string[]): void {
  response.writeHead(200, sseHead)
  response.end(events.join(''))
}

type JsonAnswer = {
  readonly status?: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export function sendJson(response: ServerResponse, { status = 200, body, headers }: JsonAnswer) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}
