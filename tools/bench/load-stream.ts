// Opens many streams, reads each to its end, and says when its first token came.
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
const delaysMs: number[] = []
const stamp = /\b\d{13}\.\d\d(?= )/g
const pool = new Pool(origin, { connections: questions.length * 2, pipelining: 1 })
const json = { ...headers, 'content-type': 'application/json', origin }

type Heard = { text: string; firstAt: number | undefined; isWhole: boolean }

async function read(
  ask: { method: 'GET' | 'POST'; path: string; headers: Record<string, string>; body?: string },
  hear: (event: { data: string; type: string | undefined }) => void,
): Promise<void> {
  const answer = await pool.request(ask)
  if (answer.statusCode !== 200)
    throw new Error(`${ask.path}: ${answer.statusCode} ${await answer.body.text()}`)
  const parser = createParser({ onEvent: ({ data, event }) => hear({ data, type: event }) })
  const decoder = new TextDecoder()
  for await (const bytes of answer.body)
    parser.feed(decoder.decode(bytes as Uint8Array, { stream: true }))
}

function say(heard: Heard, added: string): void {
  if (added !== '') heard.firstAt ??= performance.now()
  heard.text += added
  if (settings.stamps === undefined) return
  const now = performance.timeOrigin + performance.now()
  for (const [written] of added.matchAll(stamp)) delaysMs.push(now - Number(written))
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

type Chunk = { readonly choices: readonly { readonly delta: { readonly content?: string } }[] }

async function readModel({ path, body }: { path: string; body: string }, heard: Heard) {
  await read({ method: 'POST', path, headers: json, body }, ({ data }) => {
    if (data === '[DONE]') heard.isWhole = true
    else say(heard, (JSON.parse(data) as Chunk).choices[0]?.delta.content ?? '')
  })
}

type RunEvent = { readonly text?: string; readonly state?: string }

async function readStory({ storyId }: { storyId: string }, heard: Heard) {
  const path = `/api/stories/${storyId}/write`
  const answer = await pool.request({ method: 'POST', path, headers: json, body: '{}' })
  if (answer.statusCode !== 202)
    throw new Error(`${path}: ${answer.statusCode} ${await answer.body.text()}`)
  const { run } = (await answer.body.json()) as { run: { id: string } }
  const events = { method: 'GET' as const, path: `/api/runs/${run.id}/events`, headers }
  await read(events, ({ data, type }) => {
    const event = JSON.parse(data) as RunEvent
    if (type === 'assistant_token') say(heard, event.text ?? '')
    if (type === 'done') heard.isWhole = event.state === 'complete'
  })
}

const failures: string[] = []

async function stream(question: StreamQuestion, index: number): Promise<number> {
  await sleep(index * staggerMs)
  const begun = performance.now()
  const heard: Heard = { text: '', firstAt: undefined, isWhole: false }
  try {
    if (question.kind === 'model') await readModel(question, heard)
    else await readStory(question, heard)
    if (!heard.isWhole) failures.push('it did not end well')
    const wrong = misfit(heard.text)
    if (wrong !== undefined) failures.push(`${question.kind}: ${wrong}`)
  } catch (error) {
    failures.push(String(error))
  }
  return (heard.firstAt ?? Number.NaN) - begun
}

const begun = performance.now()
const firstTokenMs = await Promise.all(questions.map(stream))
const seconds = (performance.now() - begun) / 1_000
const delays = {
  count: delaysMs.length,
  medianMs: quantile(delaysMs, 0.5),
  p99Ms: quantile(delaysMs, 0.99),
}
await tell({ firstTokenMs, seconds, delays, failures } satisfies StreamLoadResult)
await pool.close()
process.disconnect?.()
