import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { createLog, currentContext, newContext, runInContext } from '../log/log.ts'
import { Secret } from '../secret/secret.ts'
import { authority, expired, good, otherHost } from './certificates.test-data.ts'
import { OutboundError } from './outbound-error.ts'
import { createOutbound, type OutboundClock, type SendRequest } from './outbound.ts'
import { isPage, readBytes, readJson } from './read-answer.ts'

let cleanup: (() => unknown)[] = []
afterEach(async () => {
  await Promise.all(cleanup.map((close) => close()))
  cleanup = []
})

type Handler = (request: IncomingMessage, response: ServerResponse) => void

async function listen(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanup.push(() => {
    if ('closeAllConnections' in server) server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

const serve = (handler: Handler) => listen(createServer(handler))

/** Waits of the retry loop take no time and are written down. */
function recordingClock(): OutboundClock & { readonly waits: number[] } {
  const waits: number[] = []
  return { waits, now: () => Date.now(), wait: async (ms) => void waits.push(ms) }
}

function outboundTo(port: number, more: Partial<Parameters<typeof createOutbound>[0]> = {}) {
  const outbound = createOutbound({
    allowed: { listed: [`127.0.0.1:${port}`] },
    lookup: async () => [{ address: '127.0.0.1' }],
    ...more,
  })
  cleanup.push(() => outbound[Symbol.asyncDispose]())
  return outbound
}

async function failureOf(port: number, request: Partial<SendRequest> = {}) {
  const outbound = outboundTo(port, { clock: recordingClock() })
  const error = await outbound
    .send({ url: `http://127.0.0.1:${port}/`, deadlineMs: 2_000, ...request })
    .then(
      () => undefined,
      (thrown) => thrown,
    )
  expect(error).toBeInstanceOf(OutboundError)
  return (error as OutboundError).failure
}

describe('an answer', () => {
  it('comes back whatever its status, without cookies', async () => {
    const port = await serve((_request, response) =>
      response
        .writeHead(404, { 'content-type': 'application/json', 'set-cookie': 'JSESSIONID=1' })
        .end('{"שלום":1}'),
    )
    const answer = await outboundTo(port).send({
      url: `http://127.0.0.1:${port}/a?b=c`,
      deadlineMs: 2_000,
    })
    expect(answer).toMatchObject({ status: 404, body: '{"שלום":1}', host: `127.0.0.1:${port}` })
    expect(answer.headers).not.toHaveProperty('set-cookie')
    expect(readJson(answer)).toEqual({ שלום: 1 })
  })

  it('carries the ids of the work that it belongs to [OBS-3]', async () => {
    let seen: IncomingMessage['headers'] = {}
    const port = await serve((request, response) => {
      seen = request.headers
      response.end()
    })
    const context = newContext('support-7')
    await runInContext(context, () =>
      outboundTo(port).send({
        url: `http://127.0.0.1:${port}/`,
        headers: { Authorization: new Secret('Bearer canary') },
        deadlineMs: 2_000,
      }),
    )
    expect(seen['x-request-id']).toBe('support-7')
    expect(seen['traceparent']).toBe(`00-${context.traceId}-${context.spanId}-01`)
    expect(seen['authorization']).toBe('Bearer canary')
  })

  it('streams, and closes the connection of a reader who leaves', async () => {
    const closed = Promise.withResolvers<void>()
    const port = await serve((request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('one')
      request.on('close', closed.resolve)
    })
    const answer = await outboundTo(port).open({ url: `http://127.0.0.1:${port}/` })
    for await (const chunk of answer.body) {
      expect(Buffer.from(chunk).toString()).toBe('one')
      break
    }
    await closed.promise
  })

  it('is told piece by piece in the context of who asked, until enough was heard', async () => {
    const closed = Promise.withResolvers<void>()
    const port = await serve((request, response) => {
      if (request.url === '/endless') {
        const timer = setInterval(() => response.write('x'), 5)
        request.on('close', () => clearInterval(timer))
        request.on('close', closed.resolve)
      } else response.end('whole')
    })
    const outbound = outboundTo(port)
    const hear = async (path: string, isEnough: (text: string) => boolean) => {
      const answer = await outbound.open({ url: `http://127.0.0.1:${port}${path}` })
      let text = ''
      await answer.each((bytes) => {
        expect(currentContext()?.correlationId).toBe(path)
        text += Buffer.from(bytes).toString()
        return !isEnough(text)
      })
      return text
    }
    const told = (path: string, isEnough: (text: string) => boolean) =>
      runInContext(newContext(path), () => hear(path, isEnough))
    // The second one travels on the connection that the first one opened.
    expect(await told('/first', () => false)).toBe('whole')
    expect(await told('/second', () => false)).toBe('whole')
    expect(await told('/endless', (text) => text.length >= 3)).toMatch(/^x{3,}$/)
    await closed.promise
  })

  it('is bytes where bytes are wanted', async () => {
    const port = await serve((_request, response) => response.end(Buffer.from([0, 255, 1])))
    const answer = await outboundTo(port).open({ url: `http://127.0.0.1:${port}/` })
    expect([...(await readBytes(answer.body))]).toEqual([0, 255, 1])
  })

  it.each([
    ['text/html;charset=UTF-8', 'x', true],
    ['application/json', '<!DOCTYPE html><title>Sign in</title>', true],
    ['application/json', '{}', false],
    ['', '<html lang="en">', true],
  ])('of type "%s" with %s is a page: %s', (type, body, expected) => {
    expect(isPage({ headers: { 'content-type': type }, body })).toBe(expected)
  })
})

describe('a failure says whether anything was sent', () => {
  it('refused', async () => {
    const server = createTcpServer()
    const port = await listen(server)
    await new Promise((resolve) => server.close(resolve))
    expect(await failureOf(port)).toMatchObject({
      kind: 'refused',
      sent: false,
      code: 'ECONNREFUSED',
      host: `127.0.0.1:${port}`,
    })
  })

  it('no such name', async () => {
    const outbound = outboundTo(1, { lookup: async () => Promise.reject(new Error('ENOTFOUND')) })
    const error = await outbound
      .send({ url: 'https://nowhere.example/', deadlineMs: 2_000 })
      .catch((thrown) => thrown)
    expect(error.failure).toMatchObject({ kind: 'dns', sent: false, host: 'nowhere.example' })
  })

  it('a name that nobody answers for, within the deadline', async () => {
    const outbound = outboundTo(1, { lookup: () => new Promise(() => {}) })
    const error = await outbound
      .send({ url: 'https://slow.example/', deadlineMs: 50 })
      .catch((thrown) => thrown)
    expect(error.failure).toMatchObject({ kind: 'timeout', sent: false })
  })

  it('reads, never answers: timed out after sending', async () => {
    const port = await serve(() => {})
    expect(await failureOf(port, { deadlineMs: 100, method: 'POST', body: '{}' })).toMatchObject({
      kind: 'timeout',
      sent: true,
    })
  })

  it('trickles: the deadline covers the body', async () => {
    const port = await serve((_request, response) => {
      const timer = setInterval(() => response.write('x'), 20)
      response.on('close', () => clearInterval(timer))
    })
    expect(await failureOf(port, { deadlineMs: 150 })).toMatchObject({
      kind: 'timeout',
      sent: true,
    })
  })

  it('reset after the request was read', async () => {
    const port = await serve((request) => request.socket.resetAndDestroy())
    expect(await failureOf(port, { method: 'POST' })).toMatchObject({ kind: 'reset', sent: true })
  })

  it('ends in the middle of the body', async () => {
    const port = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half', () => {
        response.socket?.end()
      })
    })
    expect(await failureOf(port, { method: 'POST' })).toMatchObject({ kind: 'reset', sent: true })
  })

  it('endless body', async () => {
    const port = await serve((_request, response) => {
      const more = () => {
        while (response.write('x'.repeat(10_000)));
      }
      response.on('drain', more)
      more()
    })
    expect(await failureOf(port, { limitBytes: 50_000 })).toMatchObject({ kind: 'too-large' })
  })

  it('announced too large', async () => {
    const port = await serve((_request, response) => response.end('x'.repeat(2_000)))
    expect(await failureOf(port, { limitBytes: 1_000 })).toMatchObject({ kind: 'too-large' })
  })

  it('not HTTP', async () => {
    const port = await listen(createTcpServer((socket) => void socket.end('SSH-2.0-x\r\n')))
    expect(await failureOf(port)).toMatchObject({ kind: 'unreadable', sent: true })
  })

  it('the caller stops', async () => {
    const port = await serve(() => {})
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 50)
    expect(await failureOf(port, { signal: stop.signal })).toMatchObject({
      kind: 'aborted',
      sent: true,
    })
  })

  it('the caller had stopped before', async () => {
    const port = await serve(() => {})
    expect(await failureOf(port, { signal: AbortSignal.abort() })).toMatchObject({
      kind: 'aborted',
      sent: false,
    })
  })

  it('breaks in the middle of a stream', async () => {
    const port = await serve((_request, response) => {
      response.write('data', () => setTimeout(() => response.socket?.resetAndDestroy(), 30))
    })
    const answer = await outboundTo(port).open({ url: `http://127.0.0.1:${port}/` })
    const error = await readBytes(answer.body).catch((thrown) => thrown)
    expect(error.failure).toMatchObject({ kind: 'reset', sent: true })
    const again = await outboundTo(port).open({ url: `http://127.0.0.1:${port}/` })
    await expect(again.each(() => true)).rejects.toMatchObject({ kind: 'reset', sent: true })
  })

  it('grows beyond its limit while it is told piece by piece', async () => {
    const port = await serve((_request, response) => {
      response.write('data')
      setTimeout(() => response.end('more'), 20)
    })
    const url = `http://127.0.0.1:${port}/`
    const answer = await outboundTo(port).open({ url, limitBytes: 6 })
    await expect(answer.each(() => true)).rejects.toMatchObject({ kind: 'too-large' })
  })
})

describe('TLS [SEC-11]', () => {
  async function secure(identity: { cert: string; key: string }): Promise<number> {
    return listen(createTlsServer(identity, (_request, response) => response.end('ok')))
  }
  async function over(port: number, more: Partial<SendRequest>, outbound = outboundTo(port)) {
    const url = `https://localhost:${port}/`
    return outbound.send({ url, deadlineMs: 3_000, ...more }).then(
      (answer) => answer.body,
      (error: OutboundError) => `${error.kind} ${error.failure.code} sent ${error.sent}`,
    )
  }

  it('does not trust an authority that nobody uploaded', async () => {
    const port = await secure(good)
    const outbound = outboundTo(port)
    const refused = 'tls UNABLE_TO_VERIFY_LEAF_SIGNATURE sent false'
    expect(await over(port, {}, outbound)).toBe(refused)
    expect(await over(port, { ca: authority }, outbound)).toBe('ok')
    // The connection of the one who trusts it is not lent to the one who does not.
    expect(await over(port, {}, outbound)).toBe(refused)
  })

  it('names who signed what is not trusted, and tells the time of each step', async () => {
    const port = await secure(good)
    const url = `https://localhost:${port}/`
    const outbound = outboundTo(port)
    const refused = await outbound.probe({ url })
    expect(refused.error?.failure).toMatchObject({
      kind: 'tls',
      issuer: 'StudioOps test authority',
      sent: false,
    })
    const trusted = await outbound.probe({ url, ca: authority })
    expect(trusted).toEqual({ addressMs: expect.any(Number), tlsMs: expect.any(Number) })
    const plain = await outbound.probe({ url: `http://127.0.0.1:${port}/` })
    expect(plain).toEqual({ addressMs: expect.any(Number) })
    const nowhere = await outbound.probe({ url: 'http://10.0.0.1/' })
    expect(nowhere.error?.kind).toBe('not-allowed')
  })

  it('refuses a certificate of another host and one that is over', async () => {
    const foreign = await secure(otherHost)
    const old = await secure(expired)
    expect(await over(foreign, { ca: authority })).toBe(
      'tls ERR_TLS_CERT_ALTNAME_INVALID sent false',
    )
    expect(await over(old, { ca: authority })).toBe('tls CERT_HAS_EXPIRED sent false')
  })

  it('takes any where verification is off for this integration', async () => {
    const port = await secure(expired)
    expect(await over(port, { verifyTls: false })).toBe('ok')
  })

  it('finds out that the other side speaks no TLS', async () => {
    const port = await serve((_request, response) => response.end('plain'))
    expect(await over(port, {})).toMatch(/^tls .* sent false$/)
  })
})

describe('what is repeated', () => {
  async function attempts(handler: (attempt: number, response: ServerResponse) => void) {
    let count = 0
    const port = await serve((_request, response) => handler((count += 1), response))
    const clock = recordingClock()
    const outbound = outboundTo(port, { clock })
    return {
      clock,
      count: () => count,
      send: (more: Partial<SendRequest> = {}) =>
        outbound.send({ url: `http://127.0.0.1:${port}/`, deadlineMs: 100_000, ...more }),
    }
  }

  it.each([429, 502, 503, 504])('a read after %s, twice at most', async (status) => {
    const call = await attempts((_attempt, response) => response.writeHead(status).end())
    expect((await call.send()).status).toBe(status)
    expect(call.count()).toBe(3)
    expect(call.clock.waits.every((ms) => ms < 400)).toBe(true)
  })

  it('a read whose connection broke', async () => {
    const call = await attempts((attempt, response) =>
      attempt < 3 ? response.socket?.resetAndDestroy() : response.end('third'),
    )
    expect((await call.send()).body).toBe('third')
  })

  it.each([400, 401, 403, 404, 500])('nothing after %s', async (status) => {
    const call = await attempts((_attempt, response) => response.writeHead(status).end())
    expect((await call.send()).status).toBe(status)
    expect(call.count()).toBe(1)
  })

  it('no write, neither after 503 nor after a broken connection [D-12]', async () => {
    const busy = await attempts((_attempt, response) => response.writeHead(503).end())
    expect((await busy.send({ method: 'POST' })).status).toBe(503)
    expect(busy.count()).toBe(1)

    const broken = await attempts((_attempt, response) => response.socket?.resetAndDestroy())
    await expect(broken.send({ method: 'POST' })).rejects.toThrow(OutboundError)
    expect(broken.count()).toBe(1)
  })

  it('a write that never left', async () => {
    const server = createTcpServer()
    const port = await listen(server)
    await new Promise((resolve) => server.close(resolve))
    const clock = recordingClock()
    const outbound = outboundTo(port, { clock })
    const error = await outbound
      .send({ url: `http://127.0.0.1:${port}/`, method: 'POST', deadlineMs: 2_000 })
      .catch((thrown) => thrown)
    expect(error.failure).toMatchObject({ kind: 'refused', sent: false })
    expect(clock.waits).toHaveLength(2)
  })

  it('after the time that they ask for', async () => {
    const call = await attempts((attempt, response) =>
      attempt === 1 ? response.writeHead(429, { 'retry-after': '7' }).end() : response.end('ok'),
    )
    expect((await call.send()).body).toBe('ok')
    expect(call.clock.waits[0]).toBeGreaterThanOrEqual(7_000)
    expect(call.clock.waits[0]).toBeLessThan(7_200)
  })

  it('not when the wait is longer than the time that is left', async () => {
    const call = await attempts((_attempt, response) =>
      response.writeHead(429, { 'retry-after': '30' }).end(),
    )
    expect(await call.send({ deadlineMs: 5_000 })).toMatchObject({
      status: 429,
      retryAfterMs: 30_000,
    })
    expect(call.count()).toBe(1)
  })

  it('not more than one in ten, ten in a burst', async () => {
    const call = await attempts((_attempt, response) => response.writeHead(503).end())
    for (let time = 0; time < 20; time += 1) await call.send()
    expect(call.count() - 20).toBeLessThanOrEqual(12)
  })

  it('not at all while the breaker of the dependency is open', async () => {
    const call = await attempts((_attempt, response) => response.writeHead(500).end())
    for (let time = 0; time < 5; time += 1) await call.send({ system: 'jira' })
    const error = await call.send({ system: 'jira' }).catch((thrown) => thrown)
    expect(error.failure).toMatchObject({ kind: 'refused', sent: false, retryAfterMs: 5_000 })
    expect(call.count()).toBe(5)
    expect((await call.send({ system: 'jira', credentialKey: 'b' })).status).toBe(500)
    expect((await call.send({ system: 'jira', isProbe: true })).status).toBe(500)
  })
})

it('writes travel on a connection of their own', async () => {
  const connections = new Set<unknown>()
  const port = await serve((request, response) => {
    connections.add(request.socket)
    response.end()
  })
  const outbound = outboundTo(port)
  const url = `http://127.0.0.1:${port}/`
  await outbound.send({ url, deadlineMs: 2_000 })
  await outbound.send({ url, deadlineMs: 2_000 })
  await outbound.send({ url, deadlineMs: 2_000 })
  const forReading = connections.size
  expect(forReading).toBeLessThan(3)
  await outbound.send({ url, method: 'POST', deadlineMs: 2_000 })
  await outbound.send({ url, method: 'POST', deadlineMs: 2_000 })
  expect(connections.size).toBe(forReading + 2)
})

it('keeps secrets, paths and bodies out of errors and the log [SEC-8]', async () => {
  const lines: string[] = []
  const log = createLog({
    level: 'debug',
    destination: { write: (line) => void lines.push(line) },
  })
  const port = await serve((request, response) => {
    if (request.url?.startsWith('/ok') === true) response.end('canary-answer')
    else request.socket.resetAndDestroy()
  })
  const outbound = outboundTo(port, { log, clock: recordingClock() })
  const request = {
    headers: { authorization: new Secret('Bearer canary-token') },
    body: 'canary-body',
    method: 'POST',
    deadlineMs: 2_000,
    system: 'jira',
  }
  await outbound.send({ ...request, url: `http://127.0.0.1:${port}/ok/canary-path?q=canary-query` })
  const error = await outbound
    .send({ ...request, url: `http://127.0.0.1:${port}/canary-path?q=canary-query` })
    .catch((thrown) => thrown)
  const malformed = await outbound
    .send({
      ...request,
      url: `http://127.0.0.1:${port}/`,
      headers: { authorization: new Secret('Bearer canary\ntoken') },
    })
    .catch((thrown) => thrown)

  expect(lines).toHaveLength(3)
  expect(malformed.failure).toMatchObject({ kind: 'unreadable', sent: false })
  const told = lines.join('') + inspect(error, { depth: 9 }) + inspect(malformed, { depth: 9 })
  expect(told).not.toContain('canary')
})
