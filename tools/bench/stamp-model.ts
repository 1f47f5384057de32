// A model that writes when it says each word: the text of a story whose notes are times.
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
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

function say(answer: ServerResponse, content: string, finish: string | null = null): void {
  const choice = { index: 0, delta: { content }, finish_reason: finish }
  const chunk = { id: 'live', object: 'chat.completion.chunk', created: 0, model: 'demo-writer' }
  answer.write(`data: ${JSON.stringify({ ...chunk, choices: [choice] })}\n\n`)
}

function write(answer: ServerResponse): void {
  answer.writeHead(200, { 'content-type': 'text/event-stream' })
  say(answer, head)
  let said = 0
  const timer = setInterval(() => {
    if (said === words) {
      clearInterval(timer)
      say(answer, tailAfter(said), 'stop')
      answer.end('data: [DONE]\n\n')
      return
    }
    said += 1
    const next = said % wordsInSection === 0 && said < words ? sections[said / wordsInSection] : ''
    say(answer, `${now()} ${next === '' ? '' : `","${next}":"`}`)
  }, gapMs)
  answer.once('close', () => clearInterval(timer))
}

const server = createServer((request, answer) => {
  let body = ''
  request.setEncoding('utf8').on('data', (part: string) => (body += part))
  request.on('end', () => {
    if (body.includes('"stream":true')) return write(answer)
    const message = { role: 'assistant', content: 'ok' }
    const choices = [{ index: 0, message, finish_reason: 'stop' }]
    const models = [{ id: 'demo-writer', object: 'model' }]
    answer.writeHead(200, { 'content-type': 'application/json' })
    answer.end(JSON.stringify({ object: 'list', data: models, model: 'demo-writer', choices }))
  })
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  void tell({ origin: `http://127.0.0.1:${port}` })
})
