import type { ErrorCode } from '@studioops/contracts/errors'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeProblem } from '../../platform/errors/problem.ts'
import {
  demoConfluencePeople,
  demoCookie,
  demoModelKey,
  demoPeople,
  demoStore,
  demoTrelloKey,
  demoTrelloMembers,
} from '../../simulators/demo-data.ts'
import { openBlackHole } from './black-hole.ts'
import { cellsOf, faultTable } from './fault-table.ts'
import type { DependencyName } from './http-dependencies.ts'
import { type CellOutcome, runCell } from './http-fault-run.ts'

/** The step that fails and why, or that nothing does. */
type Verdict = readonly [step: string, code: ErrorCode] | 'passes'
type Row = Readonly<Record<Exclude<DependencyName, 'mcp'>, Verdict>>

const same = (verdict: Verdict, others: Partial<Row> = {}): Row => ({
  jira: verdict,
  confluence: verdict,
  trello: verdict,
  'object-store': verdict,
  model: verdict,
  'company-model': verdict,
  ...others,
})

const serverError = same(['sign-in', 'connection.server-error'], {
  jira: ['sign-in', 'jira.server-error'],
  model: ['answer', 'model.server-error'],
  'company-model': ['sign-in', 'model.server-error'],
})
const rateLimited = same(['sign-in', 'connection.rate-limited'], {
  jira: ['sign-in', 'jira.rate-limited'],
  model: ['answer', 'model.rate-limited'],
  'company-model': ['answer', 'model.rate-limited'],
})
const timeout = same(['sign-in', 'connection.timeout'], {
  jira: ['address', 'jira.timeout'],
  model: ['answer', 'model.timeout'],
  'company-model': ['sign-in', 'model.unreachable'],
})
const stalledBody: Row = { ...timeout, 'object-store': ['permission', 'connection.timeout'] }
const lost = same(['sign-in', 'connection.interrupted'], {
  jira: ['address', 'jira.unreachable'],
  model: ['address', 'model.unreachable'],
  'company-model': ['sign-in', 'model.unreachable'],
})
const cutBody: Row = { ...lost, 'object-store': ['permission', 'connection.interrupted'] }
const unexpected = same(['sign-in', 'connection.unexpected-answer'], {
  jira: ['sign-in', 'jira.unexpected-answer'],
  model: ['answer', 'model.unexpected-answer'],
  'company-model': ['sign-in', 'model.unexpected-answer'],
})
// A company's server may be shaped in any way: only an answer without an end tells.
const otherShape: Row = {
  ...unexpected,
  'object-store': ['permission', 'object-store.other-bytes'],
  'company-model': ['answer', 'model.broke-off'],
}
const noUser: Row = { ...otherShape, confluence: ['sign-in', 'connection.anonymous'] }
const redirect = same(['sign-in', 'connection.redirect'], {
  jira: ['address', 'jira.redirect'],
  model: ['address', 'model.unexpected-answer'],
  // A single sign-on sends away whoever has no cookie.
  'company-model': ['sign-in', 'company-model.cookie-refused'],
})

const away: Verdict = ['tools', 'tools.server-away']
const slow: Verdict = ['tools', 'tools.server-slow']
const unreadable: Verdict = ['tools', 'tools.server-unreadable']
const ofTools = (code: ErrorCode): Verdict => ['tools', code]

/** A server of tools is asked for its list in one step, which fails in words of its own. */
const expectedOfMcp: Readonly<Record<string, Verdict>> = {
  F1: away,
  F2: slow,
  F3: 'passes',
  F4: slow,
  F5a: away,
  F5b: away,
  F5c: away,
  F5d: away,
  F6a: ofTools('connection.rate-limited'),
  F6b: ofTools('connection.rate-limited'),
  F6c: ofTools('connection.rate-limited'),
  F6d: ofTools('connection.rate-limited'),
  F6e: ofTools('connection.rate-limited'),
  F7: slow,
  F8: away,
  F9: away,
  F10: slow,
  F11a: unreadable,
  F11b: unreadable,
  F11c: unreadable,
  F12: unreadable,
  F13: unreadable,
  F14: ofTools('connection.tls-issuer'),
  F15a: ofTools('connection.tls-expired'),
  F15b: ofTools('connection.tls-name'),
  F16a: ofTools('connection.dns'),
  F16b: ofTools('connection.dns'),
  F17: slow,
  F18a: ofTools('connection.redirect'),
  F18b: ofTools('connection.redirect'),
  F18c: ofTools('connection.redirect'),
  F19a: ofTools('tools.server-refused'),
  F19b: ofTools('tools.server-refused'),
  F20: away,
  F21: 'passes',
  F22: 'passes',
  F23a: unreadable,
  F23b: unreadable,
  // The SDK overlooks what is no message, and waits.
  F23c: slow,
  F23d: unreadable,
  F24: 'passes',
}

const expected: Readonly<Record<string, Row>> = {
  F1: same(['address', 'connection.refused']),
  F2: same(['address', 'connection.timeout']),
  F3: same('passes'),
  F4: stalledBody,
  F5a: serverError,
  F5b: serverError,
  F5c: serverError,
  F5d: serverError,
  F6a: rateLimited,
  F6b: rateLimited,
  F6c: rateLimited,
  F6d: rateLimited,
  F6e: rateLimited,
  F7: timeout,
  F8: cutBody,
  F9: cutBody,
  F10: { ...stalledBody },
  F11a: otherShape,
  F11b: {
    ...unexpected,
    'object-store': ['permission', 'connection.unexpected-answer'],
    model: ['answer', 'model.broke-off'],
  },
  F11c: unexpected,
  F12: same(['sign-in', 'connection.login-page'], {
    jira: ['sign-in', 'jira.login-page'],
    model: ['answer', 'model.unexpected-answer'],
    'company-model': ['sign-in', 'company-model.cookie-refused'],
  }),
  F13: {
    ...unexpected,
    'object-store': ['permission', 'connection.unexpected-answer'],
    model: ['answer', 'model.broke-off'],
    'company-model': ['sign-in', 'model.broke-off'],
  },
  F14: same(['tls', 'connection.tls-issuer']),
  F15a: same(['tls', 'connection.tls-expired']),
  F15b: same(['tls', 'connection.tls-name']),
  F16a: same(['address', 'connection.dns']),
  F16b: same(['address', 'connection.dns']),
  F17: same(['address', 'connection.timeout']),
  F18a: redirect,
  F18b: redirect,
  F18c: redirect,
  F19a: same(['sign-in', 'connection.bad-token'], {
    jira: ['sign-in', 'jira.bad-token'],
    trello: ['sign-in', 'trello.bad-token'],
    'object-store': ['sign-in', 'object-store.bad-key'],
    model: ['sign-in', 'model.auth'],
    'company-model': ['sign-in', 'company-model.cookie-refused'],
  }),
  F19b: same(['sign-in', 'connection.forbidden'], {
    jira: ['sign-in', 'jira.forbidden'],
    'object-store': ['sign-in', 'object-store.bad-key'],
    model: ['sign-in', 'model.auth'],
    'company-model': ['sign-in', 'company-model.cookie-refused'],
  }),
  F20: lost,
  // Bytes after the answer to a HEAD, which has no body, are no HTTP to the client.
  F21: same('passes', { 'object-store': ['sign-in', 'connection.interrupted'] }),
  F22: same('passes'),
  F23a: noUser,
  F23b: otherShape,
  F23c: otherShape,
  F23d: noUser,
  F24: same('passes'),
}

const cells = cellsOf('http').map(({ dependency: name, fault }) => ({ fault, name }))

const secrets = [
  ...demoPeople.flatMap(({ name, personalAccessToken }) => [personalAccessToken, demoCookie(name)]),
  ...demoConfluencePeople.map(({ personalAccessToken }) => personalAccessToken),
  ...demoTrelloMembers.map(({ token }) => token),
  demoTrelloKey,
  demoModelKey,
  demoStore.secretAccessKey,
  'secret-page-of-the-proxy',
]

/** Deadline of a test, and what a busy machine may add. */
const longestMs = 20_000 + 10_000

describe('every dependency that speaks HTTP, with everything that can be wrong with it [HLT-7]', () => {
  const outcomes = new Map<string, Promise<CellOutcome>>()
  let hole: Awaited<ReturnType<typeof openBlackHole>>

  // Those that only wait for a deadline wait together; the others take turns, a few at a time.
  beforeAll(async () => {
    hole = await openBlackHole()
    const run = async (cell: (typeof cells)[number]) => {
      const outcome = runCell({ ...cell, holePort: hole.port })
      outcomes.set(`${cell.name} ${cell.fault.id}`, outcome)
      await outcome.catch(() => undefined)
    }
    const turns = cells.filter(({ fault }) => !fault.waits)
    await Promise.all(
      Array.from({ length: 6 }, async () => {
        for (let cell = turns.shift(); cell !== undefined; cell = turns.shift()) await run(cell)
      }),
    )
    await Promise.all(cells.filter(({ fault }) => fault.waits).map(run))
  }, 180_000)
  afterAll(() => hole[Symbol.dispose]())

  it('has a row for each fault, and no other', () => {
    const ids = [...new Set(cells.map(({ fault }) => fault.id))]
    expect(Object.keys(expected)).toEqual(ids)
    expect(Object.keys(expectedOfMcp)).toEqual(ids)
  })

  it('stands in one table with programs, PostgreSQL and the worker, each cell once', () => {
    const names = faultTable.map(({ dependency, fault }) => `${dependency} ${nameOf(fault)}`)
    expect(new Set(names).size).toBe(names.length)
    expect(new Set(faultTable.map(({ kind }) => kind))).toEqual(
      new Set(['http', 'stdio', 'database', 'worker']),
    )
  })

  it.for(cells)('$name $fault.id: $fault.title', async ({ name, fault }) => {
    const outcome = await outcomes.get(`${name} ${fault.id}`)
    const { failed } = outcome ?? {}
    const wanted = name === 'mcp' ? expectedOfMcp[fault.id] : expected[fault.id]?.[name]
    expect(failed === undefined ? 'passes' : [failed.step, failed.code]).toEqual(wanted)
    expect(outcome?.durationMs).toBeLessThan(longestMs)
    for (const secret of secrets) {
      expect(outcome?.logged).not.toContain(secret)
      expect(JSON.stringify(failed ?? {})).not.toContain(secret)
    }
    if (failed !== undefined) requireText(failed)
  })
})

const nameOf = (fault: (typeof faultTable)[number]['fault']) =>
  'deed' in fault ? fault.deed : fault.id

/** Says it in both languages, with every fact filled in. */
function requireText({ code, facts }: NonNullable<CellOutcome['failed']>): void {
  const circumstances = { correlationId: 'c', language: 'en' } as const
  const problem = describeProblem(code, facts, circumstances)
  const { message_en, message_he, recovery_en, recovery_he } = problem
  for (const text of [message_en, message_he, ...recovery_en, ...recovery_he]) {
    expect(text).not.toBe('')
    expect(text).not.toMatch(/\{\w+\}|undefined|\[object/)
  }
}
