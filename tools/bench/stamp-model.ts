// A model that writes when it says each word: the text of a story whose notes are times. It shares the
// machine with what is measured, so it speaks HTTP by hand: one write is one word.
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { readSettings, tell } from './program.ts'

export type StampModelSettings = { readonly words: number; readonly gapMs: number }

const { words, gapMs } = await readSettings<StampModelSettings>()
const wordsInSection = 100
const sections = ['scope', 'data', 'environments', 'cases', 'entryCriteria', 'exitCriteria']
const head =
  '{"kind":"story","summary":"Live","narrative":{"asA":"a","iWant":"b","soThat":"c"},"acceptanceCriteria":["It is heard."],"scenarios":[],"storyPoints":2,"stlcNotes":{"scope":"'

/** @returns the rest of the story behind so many words */
function tailAfter(said: number): string {
  const begun = Math.max(1, Math.ceil(said / wordsInSection))
  return `"${sections
    .slice(begun)
    .map((name) => `,"${name}":"As agreed."`)
    .join('')}}}`
}

/** Milliseconds since 1970 with two digits behind the point; of one machine, whichever process asks. */
const now = () => (performance.timeOrigin + performance.now()).toFixed(2)

const chunkOf = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`

function dataOf(content: string, finish: string | null = null): string {
  const choice = { index: 0, delta: { content }, finish_reason: finish }
  const chunk = { id: 'live', object: 'chat.completion.chunk', created: 0, model: 'demo-writer' }
  return `data: ${JSON.stringify({ ...chunk, choices: [choice] })}\n\n`
}

/** What is on both sides of a word, so that saying one writes no JSON. */
const [before = '', after = ''] = dataOf('@').split('@')
const wordOf = (written: string) => chunkOf(before + written + after)

type Speaker = { readonly socket: Socket; said: number }

function speak(speaker: Speaker): boolean {
  const { socket, said } = speaker
  if (socket.destroyed) return false
  if (said === words) {
    const done = chunkOf('data: [DONE]\n\n')
    socket.write(`${chunkOf(dataOf(tailAfter(said), 'stop'))}${done}0\r\n\r\n`)
    return false
  }
  speaker.said += 1
  const isTurn = speaker.said % wordsInSection === 0 && speaker.said < words
  const next = isTurn ? sections[speaker.said / wordsInSection] : ''
  socket.write(next === '' ? wordOf(`${now()} `) : chunkOf(dataOf(`${now()} ","${next}":"`)))
  return true
}

/** Who speaks in which millisecond of the gap. */
const wheel: Speaker[][] = Array.from({ length: gapMs }, () => [])
let turn = Math.floor(performance.now())

function turnWheel(): void {
  for (const until = Math.floor(performance.now()); turn < until;) {
    turn += 1
    const place = turn % gapMs
    const speakers = wheel[place] ?? []
    if (speakers.length > 0) wheel[place] = speakers.filter(speak)
  }
}
setInterval(turnWheel, 1)

const begin =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n'

function answer(socket: Socket, body: string): void {
  if (body.includes('"stream":true')) {
    socket.write(begin + chunkOf(dataOf(head)))
    wheel[Math.floor(performance.now()) % gapMs]?.push({ socket, said: 0 })
    return
  }
  const message = { role: 'assistant', content: 'ok' }
  const choices = [{ index: 0, message, finish_reason: 'stop' }]
  const models = [{ id: 'demo-writer', object: 'model' }]
  const text = JSON.stringify({ object: 'list', data: models, model: 'demo-writer', choices })
  socket.write(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
  )
}

/** Of requests that come one after the other. */
function hear(socket: Socket): void {
  let waiting = ''
  socket.setNoDelay(true).on('error', () => socket.destroy())
  socket.setEncoding('latin1').on('data', (text: string) => {
    waiting += text
    const headEnd = waiting.indexOf('\r\n\r\n')
    if (headEnd === -1) return
    const [, length = '0'] = /\r\ncontent-length: *(\d+)/i.exec(waiting.slice(0, headEnd)) ?? []
    const end = headEnd + 4 + Number(length)
    if (waiting.length < end) return
    const body = waiting.slice(headEnd + 4, end)
    waiting = waiting.slice(end)
    answer(socket, body)
  })
}

const server = createServer(hear)
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  void tell({ origin: `http://127.0.0.1:${port}` })
})
