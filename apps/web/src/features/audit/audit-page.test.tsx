import { screen, waitFor } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { press } from '../../testing/hands.ts'
import { show } from '../../testing/show.tsx'
import { AuditPage } from './audit-page.tsx'

const noa = { id: '3f4b8a52-7a31-4d5c-9a53-0c8b5b1b8a11', name: 'Noa Levi' }
const event = {
  sequence: 7,
  at: '2026-11-21T10:00:00.000Z',
  actorId: noa.id,
  actorName: noa.name,
  action: 'story.approve',
  target: 'story:1',
  outcome: 'done',
  requestId: 'request-7',
  facts: { payload_hash: 'abc', whole: true },
}
const people = { 'GET /audit/people': () => ({ people: [noa] }) }

describe('the audit log [SEC-7]', () => {
  it('says in both languages who did what, with its details, a page at a time', async () => {
    const { requests } = await show(<AuditPage />, {
      language: 'he',
      answers: {
        ...people,
        'GET /audit/events': ({ path }) =>
          path.includes('before=')
            ? { events: [{ ...event, sequence: 3, action: 'session.begin', actorName: undefined }] }
            : { events: [event], before: 7 },
      },
    })
    expect(await screen.findByText('אישור סיפור', { selector: 'li span' })).toBeTruthy()
    expect(screen.getByText('Noa Levi', { selector: 'bdi' })).toBeTruthy()
    expect(screen.getByText('payload_hash: abc')).toBeTruthy()
    press('הצגת רשומות ישנות יותר')
    expect(await screen.findByText('חשבון שכבר אינו קיים')).toBeTruthy()
    expect(requests.map(({ path }) => path)).toContain('/audit/events?before=7')
  })

  it('tells what the recalculation of the chain found', async () => {
    const report = { checked: 9, segments: 0, last: { sequence: 9, hash: 'f'.repeat(64) } }
    let breaks: object[] = []
    await show(<AuditPage />, {
      answers: {
        ...people,
        'GET /audit/events': () => ({ events: [] }),
        'POST /audit/verification': () => ({
          ...report,
          isWhole: breaks.length === 0,
          anchors: 2,
          breaks,
        }),
      },
    })
    expect(await screen.findByText('Nothing fits')).toBeTruthy()
    press('Verify the chain')
    expect(await screen.findByText('The chain is whole')).toBeTruthy()
    breaks = [{ kind: 'cut-end', sequence: 10 }]
    press('Verify the chain')
    expect((await screen.findByRole('alert')).textContent).toContain(
      'and what followed it was cut off the end.',
    )
  })

  it('asks for the file of what is shown', async () => {
    const { requests } = await show(<AuditPage />, {
      answers: {
        ...people,
        'GET /audit/events': () => ({ events: [event] }),
        // jsdom goes nowhere, so the address has to be that of the page itself.
        'POST /audit/exports': () => ({ path: '#file' }),
      },
    })
    press('Export CSV')
    await waitFor(() => expect(window.location.hash).toBe('#file'))
    const asked = requests.find(({ path }) => path === '/audit/exports')
    expect(asked?.body).toEqual({ form: 'csv' })
  })
})
