import type { ModelsView } from '@studioops/contracts/models'
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { show } from '../../testing/show.tsx'
import { BudgetsForm } from './budgets-form.tsx'
import { ModelsPage } from './models-page.tsx'

const ids = ['1', '2', '3'].map((end) => `2f4b8a52-7a31-4d5c-9a53-0c8b5b1b8a1${end}`)
const [own = '', company = '', server = ''] = ids

const view: ModelsView = {
  providers: [
    { id: own, kind: 'own', name: '', isEnabled: true, isOpen: false },
    { id: company, kind: 'company', name: '', isEnabled: false, isOpen: false },
    {
      id: server,
      kind: 'server',
      name: 'Kimi of the team',
      host: 'api.moonshot.ai',
      model: 'kimi-k3',
      keyHint: 'f00d',
      isEnabled: true,
      isOpen: true,
      lastGoodAt: '2026-11-21T08:40:00.000Z',
    },
  ],
  own: { tokens: 900, cost: 1.5, limits: { tokens: 1000 }, percent: 90 },
  workspace: { tokens: 5000, cost: 9, limits: {} },
  prices: [],
}
const sum = { calls: 2, failed: 1, inputTokens: 70, outputTokens: 30, cost: 1, unpriced: 1 }
const row = { day: '2026-11-21', userId: own, displayName: 'נועה לוי', provider: 'p', model: 'm' }
const usage = {
  rows: [
    { ...row, ...sum },
    { ...row, ...sum, day: '2026-11-20' },
  ],
  totals: { ...sum, calls: 4, unpriced: 2 },
}
const answers = {
  'GET /models': () => view,
  'GET /models/usage': () => usage,
  'GET /admin/models/usage': () => usage,
  'GET /admin/models/budgets': () => ({
    workspace: {},
    everyone: {},
    people: [{ userId: own, displayName: 'נועה לוי', tokens: 500 }],
  }),
  'GET /people': () => ({ people: [] }),
}
describe('the page of models', () => {
  it.each([
    ['en', /Kimi of the team.*Works/, /Of the budget .?90/],
    ['he', /Kimi of the team.*פועל/, /נוצלו .?90/],
  ] as const)(
    'says in %s how each stands and what is left of the budget [AI-5, LLM-7]',
    async (language, stands, warning) => {
      await show(<ModelsPage />, { language, answers })
      const cards = await screen.findAllByRole('listitem')
      expect(cards[2]?.textContent).toMatch(stands)
      expect(document.body.textContent).toMatch(warning)
      expect((await screen.findAllByRole('row')).length).toBe(4)
      cleanup()
    },
  )

  it('asks whom the person chooses first, and adds up by person [LLM-7]', async () => {
    const { requests } = await show(<ModelsPage />, {
      answers: { ...answers, 'PUT /models/choice': () => ({ ...view, choice: server }) },
    })
    fireEvent.click(await screen.findByRole('button', { name: /Ask first: .?Kimi of the team.?/ }))
    await waitFor(() => expect(screen.getByText('Asked first for you')).toBeTruthy())
    expect(JSON.stringify(requests)).toContain(server)
    const table = await screen.findByRole('table')
    expect(within(table).getByText('2026-11-20')).toBeTruthy()
  })

  it('shows and changes what one person may use in a month [LLM-7]', async () => {
    const { requests } = await show(<BudgetsForm />, {
      answers: {
        ...answers,
        'PUT /admin/models/budgets': () => ({ workspace: {}, everyone: {}, people: [] }),
      },
    })
    const field = await screen.findByRole('textbox', { name: /Tokens.?: .?נועה לוי/ })
    fireEvent.change(field, { target: { value: '900' } })
    const budgets = within(await screen.findByRole('region', { name: 'Budgets for a month' }))
    fireEvent.click(budgets.getByRole('button', { name: 'Save' }))
    await waitFor(() =>
      expect(JSON.stringify(requests)).toContain(`"userId":"${own}","tokens":900`),
    )
  })
})
