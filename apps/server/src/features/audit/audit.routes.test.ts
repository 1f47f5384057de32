import { signIn, stepUp } from '@studioops/contracts/accounts'
import {
  listAuditEvents,
  listAuditPeople,
  prepareAuditExport,
  verifyAudit,
} from '@studioops/contracts/audit'
import { createAudit } from '../../platform/audit/audit.ts'
import { describe, expect } from 'vitest'
import { testPassword } from '../../testing/test-app.ts'
import { test } from '../../testing/test.ts'

describe('the audit log of a workspace [SEC-7]', () => {
  test('is shown to its owner newest first, by person, action, outcome and time, a page at a time', async ({
    app,
  }) => {
    const owner = await app.signedIn('noa.levi')
    await app.signedIn('daniel.cohen')
    await app.signedIn('maya.green')
    await app
      .visitor()
      .try(signIn, { body: { username: 'maya.green@studio.example', password: 'Wrong1!pass' } })
    const { people } = await owner.call(listAuditPeople, {})
    const maya = people.find(({ name }) => name.includes('Maya'))
    const daniel = people.find(({ name }) => name.includes('Daniel'))

    const all = await owner.call(listAuditEvents, { query: {} })
    const numbers = all.events.map(({ sequence }) => sequence)
    expect(numbers).toEqual(numbers.toSorted((a, b) => b - a))
    const his = await owner.call(listAuditEvents, { query: { actorId: daniel?.id } })
    expect(his.events.map(({ action }) => action)).toEqual(['session.begin', 'account.make'])
    expect(his.events[0]?.actorName).toBe(daniel?.name)
    const refused = await owner.call(listAuditEvents, {
      query: { action: 'session.begin', outcome: 'refused' },
    })
    expect(refused.events).toMatchObject([{ targetName: maya?.name, outcome: 'refused' }])
    expect(refused.events[0]?.actorId).toBeUndefined()
    const later = new Date(Date.now() + 3_600_000).toISOString()
    expect((await owner.call(listAuditEvents, { query: { from: later } })).events).toEqual([])
    const upToNow = await owner.call(listAuditEvents, { query: { to: later } })
    expect(upToNow.events).toHaveLength(all.events.length)

    const audit = createAudit(app.database)
    for (let n = 0; n < 60; n += 1)
      await audit.record({ action: 'tls.change', outcome: 'done', facts: { n } })
    const query = { action: 'tls.change' } as const
    const first = await owner.call(listAuditEvents, { query })
    const second = await owner.call(listAuditEvents, { query: { ...query, before: first.before } })
    expect([...first.events, ...second.events].map(({ facts }) => facts['n'])).toEqual(
      Array.from({ length: 60 }, (_, n) => 59 - n),
    )
    expect(second.before).toBeUndefined()
  })

  test('is closed to everybody else', async ({ app }) => {
    await app.signedIn('noa.levi')
    const member = await app.signedIn('daniel.cohen')
    const calls = [
      member.try(listAuditEvents, { query: {} }),
      member.try(listAuditPeople, {}),
      member.try(verifyAudit, {}),
      member.try(prepareAuditExport, { body: { form: 'csv' } }),
    ]
    for (const answer of await Promise.all(calls))
      expect(answer).toMatchObject({ ok: false, problem: { code: 'session.not-allowed' } })
    expect((await member.fetch('/api/audit/export?form=csv')).status).toBe(403)
    expect((await app.visitor().fetch('/api/audit/export?form=csv')).status).toBe(401)
  })

  test('is verified at the press of a button, and that is in it too', async ({ app }) => {
    const owner = await app.signedIn('noa.levi')
    const report = await owner.call(verifyAudit, {})
    expect(report).toMatchObject({ isWhole: true, breaks: [] })
    const { events } = await owner.call(listAuditEvents, { query: { action: 'audit.verify' } })
    expect(events[0]).toMatchObject({ facts: { whole: true, checked: report.checked } })
  })

  test('is exported after the password was given again, as lines that prove themselves and as a table that calculates nothing', async ({
    app,
  }) => {
    const owner = await app.signedIn('noa.levi')
    await createAudit(app.database).record({
      action: 'model.save',
      outcome: 'done',
      target: '=HYPERLINK("http://evil.example")',
      facts: { name: 'a,"b"\nשלום' },
    })
    app.clock.now = new Date(Date.now() + 10 * 60_000)
    expect(await owner.try(prepareAuditExport, { body: { form: 'csv' } })).toMatchObject({
      problem: { code: 'session.step-up-needed' },
    })
    expect((await owner.fetch('/api/audit/export?form=csv')).status).toBe(403)
    await owner.call(stepUp, { body: { password: testPassword } })
    const { path } = await owner.call(prepareAuditExport, {
      body: { form: 'csv', action: 'model.save' },
    })
    const csv = await (await owner.fetch(path)).text()
    const [head, ...rows] = csv.split('\r\n')
    expect(head).toBe(
      'sequence,at,actor_id,actor,action,target,outcome,request_id,address,facts,previous,hash',
    )
    expect(rows[0]).toContain(`"'=HYPERLINK(""http://evil.example"")"`)

    const answer = await owner.fetch('/api/audit/export?form=jsonl')
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="audit.jsonl"')
    const lines = (await answer.text()).trim().split('\n')
    const events = lines.map((line) => JSON.parse(line) as Record<string, string>)
    expect(events.map(({ previous }) => previous).slice(1)).toEqual(
      events.map(({ hash }) => hash).slice(0, -1),
    )
    expect(events[0]?.['hash']).toMatch(/^[0-9a-f]{64}$/)
    app.clock.now = undefined
  })
})
