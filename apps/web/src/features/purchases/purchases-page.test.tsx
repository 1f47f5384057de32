import { act, fireEvent, screen, waitFor } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { press, write } from '../../testing/hands.ts'
import { refusal } from '../../testing/problems.ts'
import { type Answers, show } from '../../testing/show.tsx'
import type { PurchaseView } from './purchases.queries.ts'
import { PurchasesPage } from './purchases-page.tsx'

const projectId = '7c9e6679-7425-40de-944b-e07fc1f90ae7'
const path = `/projects/${projectId}`
const project = {
  id: projectId,
  name: 'Summer',
  description: '',
  status: 'active',
  color: 'teal',
  role: 'owner',
  activeAt: '2026-11-21T08:40:00.000Z',
  createdAt: '2026-11-21T08:40:00.000Z',
  updatedAt: '2026-11-21T08:40:00.000Z',
  members: [],
  links: [],
  budgets: [],
}
const nothing = { purchases: [], count: 0, totals: [], budgets: [], categories: [], vendors: [] }
const kept = {
  id: '9a1f5b0e-31c2-4a7e-8a53-6a9d0e8f7c21',
  projectId,
  boughtOn: '2026-12-24',
  vendor: 'Print House',
  description: '',
  quantity: '3',
  unitPrice: '1250.5',
  currency: 'ILS',
  vatRate: '18',
  status: 'planned',
  category: '',
  net: '3751.50',
  vat: '675.27',
  gross: '4426.77',
  createdAt: '2026-11-21T08:40:00.000Z',
  updatedAt: '2026-11-21T08:40:00.000Z',
}

async function showPage(language: 'en' | 'he', answers: Answers = {}) {
  const views: PurchaseView[] = []
  const shown = await show(
    <PurchasesPage projectId={projectId} view={{}} onView={(view) => views.push(view)} />,
    {
      language,
      answers: {
        [`GET ${path}`]: () => ({ project }),
        [`GET ${path}/purchases`]: () => nothing,
        [`GET ${path}/documents`]: () => ({ documents: [], total: 0, tags: [], mayChange: true }),
        [`POST ${path}/purchases`]: () => ({ purchase: kept }),
        ...answers,
      },
    },
  )
  await screen.findByRole('form')
  return { ...shown, views }
}

/** The parts of the day of the purchase, in the order in which they stand. */
const parts = () => [...screen.getByRole('form').querySelectorAll<HTMLElement>('[role=spinbutton]')]

function type(part: HTMLElement | undefined, digits: string): void {
  if (part === undefined) return
  act(() => part.focus())
  for (const data of digits) {
    const typed = { data, inputType: 'insertText', bubbles: true, cancelable: true }
    fireEvent(part, new InputEvent('beforeinput', typed))
  }
}

const orders = { en: ['12', '24', '2026'], he: ['24', '12', '2026'] } as const
const labels = {
  en: { vendor: 'Vendor', quantity: 'Quantity', price: 'Unit price' },
  he: { vendor: 'ספק', quantity: 'כמות', price: 'מחיר יחידה' },
} as const

describe('a purchase that is typed', () => {
  it.each(['en', 'he'] as const)(
    'is saved by Enter, its day in the order of the page and not of the browser, in %s [PUR-1]',
    async (language) => {
      const { requests } = await showPage(language)
      const { vendor, quantity, price } = labels[language]
      parts().forEach((part, index) => type(part, orders[language][index] ?? ''))
      write(vendor, 'Print House')
      write(quantity, '3')
      write(price, '1,250.50')
      const [day] = parts()
      if (day !== undefined) fireEvent.keyDown(day, { key: 'Enter' })
      await waitFor(() => expect(requests.some(({ method }) => method === 'POST')).toBe(true))
      expect(requests.find(({ method }) => method === 'POST')?.body).toMatchObject({
        boughtOn: '2026-12-24',
        vendor: 'Print House',
        quantity: '3',
        unitPrice: '1250.5',
      })
      await waitFor(() => expect(screen.getByLabelText(vendor)).toBe(document.activeElement))
      expect(screen.getByLabelText(vendor)).toHaveProperty('value', '')
    },
  )

  it('is not sent while something of it is missing, which is said at its field [PUR-1]', async () => {
    const { requests } = await showPage('en')
    write('Unit price', '12,5')
    press('Add')
    expect(screen.getAllByText('This is needed.').length).toBeGreaterThan(0)
    expect(screen.getByLabelText('Unit price').getAttribute('aria-invalid')).toBe('true')
    expect(requests.some(({ method }) => method === 'POST')).toBe(false)
  })

  it('stays in its fields where the server refuses it', async () => {
    await showPage('en', { [`POST ${path}/purchases`]: () => refusal('project.archived') })
    write('Vendor', 'Print House')
    write('Quantity', '1')
    write('Unit price', '5')
    press('Add')
    await screen.findByRole('alert')
    expect(screen.getByLabelText('Vendor')).toHaveProperty('value', 'Print House')
  })
})
