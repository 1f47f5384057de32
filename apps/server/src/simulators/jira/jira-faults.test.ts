import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { serveJira, type ServedJira } from './served-jira.test-data.ts'

describe('a Jira that fails on command', () => {
  let jira: ServedJira
  beforeAll(async () => {
    jira = await serveJira('dc')
  })
  afterEach(() => jira.simulator.faults.clear())
  afterAll(() => jira[Symbol.asyncDispose]())

  const creates = async (label: string): Promise<unknown> => {
    const { json } = await jira.call(`/rest/api/2/search?jql=labels%3D${label}`)
    const counted = jira.simulator.counters()['creates'] as { byLabel: Record<string, number> }
    return [json.total, counted.byLabel[label] ?? 0]
  }

  it('is away: the connection breaks, nothing is created, and the attempt is counted', async () => {
    jira.simulator.faults.set({ fault: { kind: 'away' }, route: 'POST */issue', times: 1 })
    await expect(jira.create({ summary: 'a', labels: ['so-away'] })).rejects.toThrow('fetch failed')
    expect(await creates('so-away')).toEqual([0, 0])
    expect(jira.simulator.counters()['requests']).toMatchObject({ 'POST /issue': 1 })
  })

  it('loses the answer: the issue is there, and the client does not know', async () => {
    jira.simulator.faults.set({
      fault: { kind: 'effect-then-lost' },
      route: 'POST */issue',
      times: 1,
    })
    await expect(jira.create({ summary: 'a', labels: ['so-lost'] })).rejects.toThrow('fetch failed')
    expect(await creates('so-lost')).toEqual([1, 1])
  })

  it('keeps the answer for itself: the issue is there, and the client waits', async () => {
    jira.simulator.faults.set({ fault: { kind: 'effect-then-hang' }, route: 'POST */issue' })
    const changed = Promise.withResolvers<string>()
    const stop = jira.simulator.onChange(() => changed.resolve('created'))
    const waiting = jira.create({ summary: 'a', labels: ['so-hung'] }).catch(() => 'cut')
    expect(await Promise.race([waiting, changed.promise])).toBe('created')
    stop()
    jira.simulator.faults.clear()
    expect(await creates('so-hung')).toEqual([1, 1])
    jira.simulator.close()
    expect(await waiting).toBe('cut')
  })

  it('hangs before anything happens', async () => {
    jira.simulator.faults.set({ fault: { kind: 'hang' }, route: 'POST */issue' })
    const waiting = jira.create({ summary: 'a', labels: ['so-hang'] }).catch(() => 'cut')
    expect(await Promise.race([waiting, creates('so-hang')])).toEqual([0, 0])
    jira.simulator.close()
    expect(await waiting).toBe('cut')
  })

  it('sends half of the JSON, after the effect', async () => {
    jira.simulator.faults.set({ fault: { kind: 'garbage' }, route: 'POST */issue' })
    const { status, json, text } = await jira.create({ summary: 'a', labels: ['so-garbage'] })
    expect([status, json]).toEqual([201, undefined])
    expect(text).toMatch(/^\{"id"/)
    expect(await creates('so-garbage')).toEqual([1, 1])
  })

  it('trickles: byte by byte, but whole', async () => {
    jira.simulator.faults.set({ fault: { kind: 'slow-body', gapMs: 0 }, route: '*/issueLinkType' })
    const { json } = await jira.call('/rest/api/2/issueLinkType')
    expect(json.issueLinkTypes).toHaveLength(5)
  })

  it('waits before it answers', async () => {
    jira.simulator.faults.set({
      fault: { kind: 'latency', latencyMs: 300 },
      route: '*/myself',
      times: 1,
    })
    const slow = jira.call('/rest/api/2/myself').then(({ status }) => ['slow', status])
    const quick = jira.call('/rest/api/2/project').then(({ status }) => ['quick', status])
    expect(await Promise.race([slow, quick])).toEqual(['quick', 200])
    expect(await slow).toEqual(['slow', 200])
  })

  it.each([
    [undefined, 'application/json'],
    ['json' as const, 'application/json'],
    ['html' as const, 'text/html'],
  ])('answers a status with a body in %s', async (body, contentType) => {
    const fault = { kind: 'status' as const, status: 503, ...(body === undefined ? {} : { body }) }
    jira.simulator.faults.set({ fault: { ...fault, headers: { 'retry-after': '7' } } })
    const { status, headers } = await jira.call('/rest/api/2/myself')
    expect([status, headers.get('retry-after')]).toEqual([503, '7'])
    expect(headers.get('content-type')).toContain(contentType)
  })

  it('answers a status without a body', async () => {
    jira.simulator.faults.set({ fault: { kind: 'status', status: 502, body: 'empty' } })
    const { status, text } = await jira.call('/rest/api/2/myself')
    expect([status, text]).toEqual([502, ''])
  })

  it('puts a login page in front, with 200', async () => {
    jira.simulator.faults.set({ fault: { kind: 'html-login' } })
    const { status, headers, text } = await jira.call('/rest/api/2/myself')
    expect(status).toBe(200)
    expect(headers.get('content-type')).toContain('text/html')
    expect(text).toContain('Log in')
  })

  it('lets a right token in as nobody, with 200 and one header that tells', async () => {
    jira.simulator.faults.set({ fault: { kind: 'anonymous' } })
    const myself = await jira.call('/rest/api/2/myself')
    const projects = await jira.call('/rest/api/2/project')
    expect([myself.status, myself.json.name]).toEqual([200, 'anonymous'])
    expect(myself.headers.get('x-seraph-loginreason')).toBe('AUTHENTICATED_FAILED')
    expect([projects.status, projects.json]).toEqual([200, []])
  })

  it('asks for a login with a browser', async () => {
    jira.simulator.faults.set({ fault: { kind: 'captcha' } })
    const { status, headers } = await jira.call('/rest/api/2/myself')
    expect(status).toBe(401)
    expect(headers.get('x-seraph-loginreason')).toBe('AUTHENTICATION_DENIED')
    expect(headers.get('x-authentication-denied-reason')).toContain('CAPTCHA_CHALLENGE')
  })

  it.each(['3', '0', 'Wed, 21 Oct 2026 07:28:00 GMT', 'soon', '-1'])(
    'answers 429 with Retry-After: %s and the headers of Data Center',
    async (retryAfter) => {
      jira.simulator.faults.set({ fault: { kind: 'too-many-requests', retryAfter } })
      const { status, headers } = await jira.call('/rest/api/2/myself')
      expect([status, headers.get('retry-after')]).toEqual([429, retryAfter])
      for (const name of ['limit', 'remaining', 'interval-seconds', 'fillrate'])
        expect(headers.has(`x-ratelimit-${name}`)).toBe(true)
    },
  )

  it('answers 429 without any header that helps', async () => {
    jira.simulator.faults.set({ fault: { kind: 'too-many-requests' } })
    const { status, headers } = await jira.call('/rest/api/2/myself')
    expect(status).toBe(429)
    expect([...headers.keys()].filter((name) => /rate|retry/.test(name))).toEqual([])
  })

  it('answers 429 with the headers of Cloud', async () => {
    await using cloud = await serveJira('cloud')
    cloud.simulator.faults.set({ fault: { kind: 'too-many-requests', retryAfter: '5' } })
    const { headers } = await cloud.call('/rest/api/3/myself')
    expect(headers.get('ratelimit-reason')).toBe('jira-burst-based')
    expect(headers.get('x-ratelimit-reset')).toMatch(/^\d{4}-/)
    expect(headers.has('x-ratelimit-fillrate')).toBe(false)
  })

  it('works again when the fault is spent', async () => {
    jira.simulator.faults.set({ fault: { kind: 'status', status: 500 }, times: 1 })
    const replies = [await jira.call('/rest/api/2/myself'), await jira.call('/rest/api/2/myself')]
    expect(replies.map(({ status }) => status)).toEqual([500, 200])
  })

  it('does not play the faults of a model', () => {
    expect(() => jira.simulator.faults.set({ fault: { kind: 'die', after: 1 } })).toThrow(/"die"/)
  })
})
