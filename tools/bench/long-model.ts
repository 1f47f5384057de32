// A model that writes a long story: its first half at once, the rest in words at an even pace.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { readSettings, tell } from './program.ts'

export type LongModelSettings = { readonly gapMs: number; readonly words: number }

const { gapMs, words } = await readSettings<LongModelSettings>()

const sentence = 'A receipt of the payment is shown within two seconds and names the sum, number'
const section = `${sentence} and the day. `.repeat(18).trim()
const story = JSON.stringify({
  kind: 'story',
  summary: 'Customers pay later for a cart that they have saved',
  narrative: { asA: 'customer', iWant: 'to pay a saved cart later', soThat: 'I can compare' },
  acceptanceCriteria: Array.from({ length: 12 }, (_, index) => `${sentence} ${index + 1}.`),
  scenarios: [],
  storyPoints: 3,
  stlcNotes: Object.fromEntries(
    ['scope', 'data', 'environments', 'cases', 'entryCriteria', 'exitCriteria'].map((name) => [
      name,
      section,
    ]),
  ),
})
const told = story.match(/[^ ]+ ?/g) ?? []

function dataOf(content: string, finish: string | null = null): string {
  const choice = { index: 0, delta: { content }, finish_reason: finish }
  const chunk = { id: 'long', object: 'chat.completion.chunk', created: 0, model: 'demo-writer' }
  return `data: ${JSON.stringify({ ...chunk, choices: [choice] })}\n\n`
}

const server = createServer((request, response) => {
  request.resume()
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  void (async () => {
    response.write(dataOf(told.slice(0, -words).join('')))
    const began = performance.now()
    for (const [index, word] of told.slice(-words).entries()) {
      if (response.destroyed) return
      // By the clock: what was late is said together, and the pace stays.
      await wait(Math.max(0, began + index * gapMs - performance.now()))
      response.write(dataOf(word))
    }
    response.end(`${dataOf('', 'stop')}data: [DONE]\n\n`)
  })()
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  void tell({ origin: `http://127.0.0.1:${port}` })
})
