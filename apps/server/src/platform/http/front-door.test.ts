import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { createFrontDoor } from './front-door.ts'

it('closes when what was let in is answered; streams go on and new requests are turned away', async () => {
  const door = createFrontDoor()
  const responses = new Map<string | undefined, ServerResponse>()
  const bothIn = Promise.withResolvers<void>()
  door.open((request, response) => {
    responses.set(request.url, response)
    if (request.url === '/stream') response.writeHead(200).flushHeaders()
    if (responses.size === 2) bothIn.resolve()
  })
  await new Promise<void>((resolve) => door.server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(door.server.address() as AddressInfo).port}`
  const stream = await fetch(`${origin}/stream`)
  const slow = fetch(`${origin}/slow`)
  await bothIn.promise

  let isClosed = false
  const closed = door.close().then(() => {
    isClosed = true
  })
  expect((await fetch(`${origin}/new`)).status).toBe(503)
  expect(isClosed).toBe(false)
  responses.get('/slow')?.end('done')
  expect(await (await slow).text()).toBe('done')
  await closed
  responses.get('/stream')?.end('the rest')
  expect(await stream.text()).toBe('the rest')
  door.server.close()
  door.server.closeAllConnections()
})
