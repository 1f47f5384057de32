import { once } from 'node:events'
import { checkCredentials } from '@studioops/contracts/connections'
import { systemStatus } from '@studioops/contracts/health'
import * as api from '@studioops/contracts/monitoring'
import { createSocketTicket, socketProtocol, ticketPrefix } from '@studioops/contracts/runs'
import { describe, expect } from 'vitest'
import { WebSocket } from 'ws'
import type { TestApp } from '../../testing/test-app.ts'
import type { TestClient } from '../../testing/test-client.ts'
import { test } from '../../testing/test.ts'

async function lookIn(app: TestApp, client: TestClient, search = '') {
  const { ticket } = await client.call(createSocketTicket, {})
  const url = `${app.origin.replace('http', 'ws')}${api.monitoringSocketPath}${search}`
  const protocols = [socketProtocol, `${ticketPrefix}${ticket}`]
  const socket = new WebSocket(url, protocols, { origin: app.origin })
  const heard: api.MonitoringMessage[] = []
  socket.on('message', (data: Buffer) =>
    heard.push(api.monitoringMessage.parse(JSON.parse(data.toString()))),
  )
  await once(socket, 'open')
  const next = async (type: api.MonitoringMessage['type']) => {
    await expect.poll(() => heard.find((one) => one.type === type)).toBeDefined()
    return heard.find((one) => one.type === type)
  }
  const events = () => heard.flatMap((one) => (one.type === 'delta' ? one.events : []))
  return { socket, heard, next, events }
}

describe('the operations room', () => {
  test('shows everything when it is entered, then what happens, and after a break just what was missed [MON-1, MON-4]', async ({
    app,
  }) => {
    const noa = await app.signedIn()
    const first = await lookIn(app, noa)
    const hello = await first.next('hello')
    const snapshot = await first.next('snapshot')
    if (hello?.type !== 'hello' || snapshot?.type !== 'snapshot') throw new Error('no greeting')
    expect(systemStatus.parse(snapshot.status).dependencies.length).toBeGreaterThan(0)
    await noa.fetch('/api/nothing-here', { headers: { 'x-request-id': 'marked-request-1' } })
    const isMarked = ({ requestId }: api.MonitoringEvent) => requestId === 'marked-request-1'
    await expect.poll(() => first.events().find(isMarked)).toMatchObject({ outcome: 'refused' })
    const last = first.heard.findLast((one) => one.type === 'delta')
    const { cursor } = last?.type === 'delta' ? last : snapshot
    first.socket.close()

    await noa.fetch('/api/nothing-here', { headers: { 'x-request-id': 'marked-request-2' } })
    const second = await lookIn(app, noa, `?bootId=${hello.bootId}&cursor=${cursor}`)
    expect(await second.next('hello')).toMatchObject({ isReplayed: true })
    await expect
      .poll(() => second.events().map(({ requestId }) => requestId))
      .toContain('marked-request-2')
    const cursors = second.events().map((event) => event.cursor)
    expect(cursors).toEqual([...new Set(cursors)].toSorted((one, other) => one - other))
    expect(cursors[0]).toBe(cursor + 1)
    expect(second.heard.some(({ type }) => type === 'snapshot')).toBe(false)
    second.socket.close()

    const stranger = await lookIn(app, noa, `?bootId=another&cursor=${cursor}`)
    expect(await stranger.next('hello')).toMatchObject({ isReplayed: false })
    await stranger.next('snapshot')
    stranger.socket.close()
  })

  test('is for administrators, or for programs on the port of this machine [MON-1]', async ({
    app,
  }) => {
    await app.signedIn()
    const maya = await app.signedIn('maya.green')
    for (const endpoint of [api.getMonitoring, api.listMonitoringEvents])
      expect(await maya.try(endpoint, { query: {} })).toMatchObject({ ok: false, status: 403 })
    const { ticket } = await maya.call(createSocketTicket, {})
    const url = `${app.origin.replace('http', 'ws')}/monitoring`
    for (const protocols of [[socketProtocol], [socketProtocol, `${ticketPrefix}${ticket}`]]) {
      const refused = new WebSocket(url, protocols)
      const [error] = (await once(refused, 'error')) as [Error]
      expect(error.message).toMatch(/40[13]/)
    }
  })

  test('keeps what matters, and finds by one id what a request made others do [OBS-2, MON-3]', async ({
    app,
  }) => {
    const noa = await app.steppedUp()
    const id = 'one-id-for-all'
    await noa.call(checkCredentials, {}, { 'x-request-id': id })
    const found = async () => {
      const { events } = await noa.call(api.listMonitoringEvents, { query: { requestId: id } })
      return events
    }
    const typesOf = (events: readonly api.MonitoringEvent[]) =>
      new Set(events.map(({ type }) => type))
    await expect
      .poll(async () => [...typesOf(await found())].toSorted())
      .toEqual(expect.arrayContaining(['config', 'queue']))
    const { rows } = await app.copy.asOwner((db) =>
      db.query(`select distinct trace_id from monitoring_events where request_id = '${id}'`),
    )
    expect(rows).toHaveLength(1)
    const { events } = await noa.call(api.listMonitoringEvents, {
      query: { text: 'one-id', type: 'queue' },
    })
    expect(typesOf(events)).toEqual(new Set(['queue']))
  })

  test('gives its metrics to administrators and to whoever brings the token [OBS-1]', async ({
    app,
  }) => {
    const noa = await app.signedIn()
    const text = await (await noa.fetch('/metrics')).text()
    expect(text).toContain('studioops_build_info{version="0.0.0-test"} 1')
    expect(text).toMatch(/http_server_request_duration_seconds_bucket\{le="0.01",.*\/api\//)
    expect(text).toMatch(/studioops_dependency_up\{dependency="database"\} 1/)
    expect(text).toMatch(/studioops_db_operations_total\{.*="users"\} \d/)
    expect((await app.visitor().fetch('/metrics')).status).toBe(401)
    const points = await noa.call(api.getMonitoringSeries, { query: { step: '10' } })
    expect(points.columns).toEqual([...api.seriesColumns])
  })
})
