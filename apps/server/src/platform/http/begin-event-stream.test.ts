import { once } from 'node:events'
import { get } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import fastify from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { beginEventStream, type EventStream } from './begin-event-stream.ts'

/** A server whose only answer is a stream; `begun` is the next one of them. */
async function serve() {
  const http = fastify()
  const { promise: begun, resolve } = Promise.withResolvers<EventStream>()
  http.get('/events', (_, reply) => resolve(beginEventStream(reply)))
  await http.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(() => http.close())
  return { begun, port: (http.server.address() as AddressInfo).port }
}

describe('a stream of events', () => {
  it('is one body for whoever reads HTTP, whatever script it is in, and ends [STR-1]', async () => {
    const { begun, port } = await serve()
    const asked = get({ host: '127.0.0.1', port, path: '/events' })
    const [answer] = (await once(asked, 'response')) as [NodeJS.ReadableStream]
    const stream = await begun
    const pieces = ['data: hello\n\n', 'data: שלום 🌍\n\n', `data: ${'א'.repeat(70_000)}\n\n`]
    for (const piece of pieces) stream.write(piece)
    stream.end()
    let body = ''
    for await (const text of answer.setEncoding('utf8')) body += String(text)
    expect(body).toBe(pieces.join(''))
  })

  it('is readable over HTTP 1.0, which knows no chunks', async () => {
    const { begun, port } = await serve()
    const line = connect(port, '127.0.0.1').setEncoding('utf8')
    line.write('GET /events HTTP/1.0\r\n\r\n')
    const stream = await begun
    stream.write('data: שלום\n\n')
    stream.end()
    let told = ''
    for await (const text of line) told += String(text)
    expect(told.slice(told.indexOf('\r\n\r\n') + 4)).toBe('data: שלום\n\n')
  })

  it('says when a reader takes less than it is given, and when there is room again [STR-6]', async () => {
    const { begun, port } = await serve()
    const line = connect(port, '127.0.0.1')
    line.write('GET /events HTTP/1.1\r\nhost: x\r\n\r\n')
    line.pause()
    const stream = await begun
    while (stream.write('x'.repeat(100_000)));
    expect(stream.hasRoom()).toBe(false)
    line.resume()
    await stream.room()
    expect(stream.hasRoom()).toBe(true)
    line.destroy()
    await stream.room()
  })

  it('lets go of a reader that nobody waits for any more', async () => {
    const { begun, port } = await serve()
    const line = connect(port, '127.0.0.1')
    line.write('GET /events HTTP/1.1\r\nhost: x\r\n\r\n')
    line.pause()
    const stream = await begun
    while (stream.write('x'.repeat(100_000)));
    const left = new AbortController()
    const waited = stream.room(left.signal)
    left.abort()
    await waited
    expect(stream.hasRoom()).toBe(false)
    line.destroy()
  })
})
