import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { problem } from '@studioops/contracts/problem'
import { readiness as readinessShape } from '@studioops/contracts/health'
import { expect, it, vi } from 'vitest'
import { createFrontDoor } from './front-door.ts'

it('closes when what was let in is answered; streams go on and new requests are turned away', async () => {
  const door = createFrontDoor()
  const responses = new Map<string | undefined, ServerResponse>()
  const bothIn = Promise.withResolvers<void>()
  door.open((request, response) => {
    responses.set(request.url, response)
    if (request.url === '/stream') response.writeHead(200).flushHeaders()
    if (responses.size === 2) bothIn.resolve()
  }, vi.fn())
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

async function openDoor() {
  const door = createFrontDoor()
  await new Promise<void>((resolve) => door.server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(door.server.address() as AddressInfo).port}`
  const ask = (path: string, headers: Readonly<Record<string, string>> = {}) =>
    fetch(`${origin}${path}`, { headers })
  const dispose = async () => {
    door.server.close()
    door.server.closeAllConnections()
  }
  return { ...door, ask, [Symbol.asyncDispose]: dispose }
}

it('says while the database is upgraded how far it is, to probes, people and programs [MIG-11] [ERR-1]', async () => {
  await using door = await openDoor()
  door.report({
    status: 'fail',
    reason: 'migrating',
    note: 'migrating 3/7 0003_<b>',
    migration: {
      name: '0003_<b>',
      position: 3,
      total: 7,
      statement: 2,
      waitingFor: 'psql (pid 7)',
      backup: '/data/backups/<0003>',
    },
  })
  expect((await door.ask('/healthz')).status).toBe(200)

  const probe = await door.ask('/readyz')
  expect(probe.status).toBe(503)
  expect(readinessShape.parse(await probe.json()).note).toBe('migrating 3/7 0003_<b>')

  const page = await door.ask('/', { accept: 'text/html', 'accept-language': 'he-IL,he;q=0.9' })
  expect([page.status, page.headers.get('content-language')]).toEqual([503, 'he'])
  const hebrew = await page.text()
  expect(hebrew).toContain('dir="rtl"')
  expect(hebrew).toContain('שלב 3 מתוך 7')
  const english = await (await door.ask('/', { accept: 'text/html' })).text()
  expect(english).toContain('Step 3 of 7')
  expect(english).toContain('0003_&lt;b&gt;')
  expect(english).toContain('Waiting for <bdi>psql (pid 7)</bdi>')
  expect(english).toContain('verified: <bdi>/data/backups/&lt;0003&gt;</bdi>')
  expect(hebrew).toContain('ואומת: <bdi>/data/backups/')

  const refused = await door.ask('/api/stories', { accept: 'application/json' })
  expect([refused.status, refused.headers.get('content-type')]).toEqual([
    503,
    'application/problem+json',
  ])
  expect(refused.headers.get('retry-after')).toBe('2')
  expect(problem.parse(await refused.json())).toMatchObject({
    code: 'server.upgrading',
    status: 503,
    retry: 'later',
  })
})

it('says what stopped an upgrade and what to do, in both languages [MIG-11] [ERR-2]', async () => {
  await using door = await openDoor()
  door.report({
    status: 'fail',
    reason: 'migration-failed',
    obstacles: [
      {
        en: { message: 'There are duplicates.', remedy: 'Remove them.' },
        he: { message: 'יש כפילויות.', remedy: 'הסירו אותן.' },
      },
    ],
  })
  const page = await (await door.ask('/', { accept: 'text/html' })).text()
  expect(page).toContain('There are duplicates.')
  expect(page).toContain('Remove them.')
  const body = problem.parse(await (await door.ask('/api/x', { 'accept-language': 'he' })).json())
  expect(body).toMatchObject({
    code: 'server.upgrade-stopped',
    message_en: 'The upgrade of the database has stopped. There are duplicates.',
    recovery_en: ['Remove them.'],
    recovery: ['הסירו אותן.'],
    retry: 'fix',
  })
})
