// Opens many streams, reads each to its end, and says when its first token came. It shares the machine
// with what is measured: while they run it keeps bytes and times, and what they say is read afterwards.
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createParser } from 'eventsource-parser'
import { Pool } from 'undici'
import { quantile } from './figures.ts'
import { readSettings, tell } from './program.ts'

/** How one stream is asked for: the model itself, or a story that is written anew. */
export type StreamQuestion =
  | { readonly kind: 'model'; readonly path: string; readonly body: string }
  | { readonly kind: 'story'; readonly storyId: string }

export type StreamLoadSettings = {
  readonly origin: string
  readonly headers: Readonly<Record<string, string>>
  readonly questions: readonly StreamQuestion[]
  /** From the start of one stream to that of the next. */
  readonly staggerMs: number
  /** What each stream must say in the end; absent: so many times, written by `stamp-model.ts`. */
  readonly text?: string
  readonly stamps?: number
}

export type StreamLoadResult = {
  /** Of each stream: from the request to the first token. */
  readonly firstTokenMs: readonly number[]
  readonly seconds: number
  /** Of each time that was written: until it was here. */
  readonly delays: { readonly count: number; readonly medianMs: number; readonly p99Ms: number }
  /** Sentences about streams that did not say their text. */
  readonly failures: readonly string[]
}

const settings = await readSettings<StreamLoadSettings>()
const { origin, headers, questions, staggerMs, text } = settings
const { hostname, port, host } = new URL(origin)
const stamp = /\b\d{13}\.\d\d(?= )/g
const pool = new Pool(origin, { connections: 50, pipelining: 1 })
const json = { ...headers, 'content-type': 'application/json', origin }

/** An answer as it came: what one read of the socket gave, and when, by `performance.now()`. */
type Arrivals = { readonly pieces: Buffer[]; readonly times: number[] }

type Ask = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

const room = Buffer.alloc(65_536)

function receive({ method, path, headers: sent, body = '' }: Ask): Promise<Arrivals> {
  const arrivals: Arrivals = { pieces: [], times: [] }
  const { promise, resolve, reject } = Promise.withResolvers<Arrivals>()
  const keep = (length: number) => {
    arrivals.times.push(performance.now())
    arrivals.pieces.push(Buffer.from(room.subarray(0, length)))
    return true
  }
  const onread = { buffer: room, callback: keep }
  const socket = connect({ host: hostname, port: Number(port), onread })
  socket.on('error', reject).once('close', () => resolve(arrivals))
  const lines = Object.entries({
    ...sent,
    host,
    connection: 'close',
    ...(method === 'POST' ? { 'content-length': String(Buffer.byteLength(body)) } : {}),
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.setNoDelay(true).write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`)
  socket.resume()
  return promise
}

type Timed = { readonly bytes: Buffer; readonly at: number }

/** The bytes of the body, chunk by chunk, each with the time at which the last of it was here. */
function* chunksOf({ pieces, times }: Arrivals): Generator<Timed> {
  const whole = Buffer.concat(pieces)
  const arrivedAt = clockOf(pieces, times)
  let at = bodyOf(whole)
  while (at < whole.length) {
    const lineEnd = whole.indexOf('\r\n', at)
    const length = Number.parseInt(whole.toString('latin1', at, lineEnd), 16)
    if (!(length > 0)) return
    const end = lineEnd + 2 + length
    yield { bytes: whole.subarray(lineEnd + 2, end), at: arrivedAt(end) }
    at = end + 2
  }
}

/** @returns where the body begins. @throws with what came where it is no stream */
function bodyOf(whole: Buffer): number {
  const headEnd = whole.indexOf('\r\n\r\n')
  const head = whole.toString('latin1', 0, headEnd)
  if (!head.startsWith('HTTP/1.1 200 ') || !/\r\ntransfer-encoding: *chunked/i.test(head))
    throw new Error(whole.toString('utf8', 0, 2_000))
  return headEnd + 4
}

/** @returns when so many bytes were here; asked for more and more */
function clockOf(pieces: readonly Buffer[], times: readonly number[]): (bytes: number) => number {
  let piece = 0
  let arrived = pieces[0]?.length ?? 0
  return (bytes) => {
    while (arrived < bytes && piece < pieces.length - 1) {
      piece += 1
      arrived += pieces[piece]?.length ?? 0
    }
    return times[piece] ?? Number.NaN
  }
}

type Heard = {
  readonly text: string
  readonly firstAt: number | undefined
  readonly isWhole: boolean
  readonly delaysMs: readonly number[]
}

/** What one event adds to the text, and whether it says that this is all. */
type Said = { readonly added?: string | undefined; readonly isEnd?: boolean }

function read(
  arrivals: Arrivals,
  said: (event: { data: string; event?: string | undefined }) => Said,
): Heard {
  let pieces: string[] = []
  const delaysMs: number[] = []
  let firstAt: number | undefined
  let isWhole = false
  let now = 0
  const parser = createParser({
    onEvent(event) {
      // What was said before is void, as it is for the page.
      if (event.event === 'reset') pieces = []
      const { added = '', isEnd = false } = said(event)
      isWhole ||= isEnd
      if (added === '') return
      firstAt ??= now
      pieces.push(added)
      if (settings.stamps === undefined) return
      for (const [written] of added.matchAll(stamp))
        delaysMs.push(performance.timeOrigin + now - Number(written))
    },
  })
  const decoder = new TextDecoder()
  for (const { bytes, at } of chunksOf(arrivals)) {
    now = at
    parser.feed(decoder.decode(bytes, { stream: true }))
  }
  return { text: pieces.join(''), firstAt, isWhole, delaysMs }
}

type Chunk = { readonly choices: readonly { readonly delta: { readonly content?: string } }[] }

function ofModel({ data }: { data: string }): Said {
  if (data === '[DONE]') return { isEnd: true }
  return { added: (JSON.parse(data) as Chunk).choices[0]?.delta.content }
}

type RunEvent = { readonly text?: string; readonly state?: string }

function ofStory({ data, event }: { data: string; event?: string | undefined }): Said {
  const { text: added, state } = JSON.parse(data) as RunEvent
  if (event === 'assistant_token') return { added }
  return { isEnd: event === 'done' && state === 'complete' }
}

/** @returns what is wrong with what was said in the end */
function misfit(said: string): string | undefined {
  if (text !== undefined && said !== text)
    return `said ${said.length} of ${text.length} units: …${said.slice(-300)}`
  const times = (said.match(stamp) ?? []).map(Number)
  const isRising = times.every((time, index) => time >= (times[index - 1] ?? 0))
  if (settings.stamps !== undefined && (times.length !== settings.stamps || !isRising))
    return `said ${times.length} of ${settings.stamps} times, ${isRising ? 'in order' : 'in disorder'}`
  return undefined
}

async function ask(question: StreamQuestion): Promise<Ask> {
  if (question.kind === 'model') return { ...question, method: 'POST', headers: json }
  const path = `/api/stories/${question.storyId}/write`
  const answer = await pool.request({ method: 'POST', path, headers: json, body: '{}' })
  if (answer.statusCode !== 202)
    throw new Error(`${path}: ${answer.statusCode} ${await answer.body.text()}`)
  const { run } = (await answer.body.json()) as { run: { id: string } }
  return { method: 'GET', path: `/api/runs/${run.id}/events`, headers }
}

async function stream(question: StreamQuestion, index: number) {
  await sleep(index * staggerMs)
  const begun = performance.now()
  const arrivals = await ask(question)
    .then(receive)
    .catch((error: unknown) => String(error))
  return { question, begun, arrivals }
}

const failures: string[] = []
const delaysMs: number[] = []

/** @returns milliseconds until its first token */
function judge({ question, begun: since, arrivals }: Awaited<ReturnType<typeof stream>>): number {
  try {
    if (typeof arrivals === 'string') throw new Error(arrivals)
    const heard = read(arrivals, question.kind === 'model' ? ofModel : ofStory)
    if (!heard.isWhole) failures.push('it did not end well')
    const wrong = misfit(heard.text)
    if (wrong !== undefined) failures.push(`${question.kind}: ${wrong}`)
    for (const delay of heard.delaysMs) delaysMs.push(delay)
    return (heard.firstAt ?? Number.NaN) - since
  } catch (error) {
    failures.push(String(error))
    return Number.NaN
  }
}

const begun = performance.now()
const streams = await Promise.all(questions.map(stream))
const seconds = (performance.now() - begun) / 1_000
const firstTokenMs = streams.map(judge)
const delays = {
  count: delaysMs.length,
  medianMs: quantile(delaysMs, 0.5),
  p99Ms: quantile(delaysMs, 0.99),
}
await tell({ firstTokenMs, seconds, delays, failures } satisfies StreamLoadResult)
await pool.close()
process.disconnect?.()
