import type { Operation, OperationState } from '@studioops/contracts/operations'
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it, vi } from 'vitest'
import type { UiLanguage } from '../../lib/i18n/language.ts'
import { problemBody, refusal } from '../../testing/problems.ts'
import { type Answers, show } from '../../testing/show.tsx'
import { OperationCard } from './operation-card.tsx'
import { sampleOperation } from './operation-samples.ts'

const path = `/operations/${sampleOperation().id}`

async function showCard(
  changes: Partial<Operation>,
  { answers = {}, language = 'en' }: { answers?: Answers; language?: UiLanguage } = {},
) {
  const onDeed = vi.fn()
  const operation = sampleOperation(changes)
  const shown = await show(<OperationCard operation={operation} onDeed={onDeed} />, {
    answers,
    language,
  })
  const sent = () => shown.requests.filter(({ method }) => method !== 'GET')
  return { ...shown, onDeed, sent, card: await screen.findByRole('article') }
}

describe('a write to Jira', () => {
  it.each<[OperationState, string, string]>([
    ['planned', 'It goes to Jira in a moment.', 'הפריט יישלח ל־Jira בעוד רגע.'],
    ['attempting', 'It is being created in Jira.', 'הפריט נוצר ב־Jira ברגע זה.'],
    ['done', 'The issue stands in Jira, once.', 'הפריט קיים ב־Jira, פעם אחת.'],
    ['refused', 'Nothing was created.', 'דבר לא נוצר.'],
    ['unknown', 'Nothing is created twice.', 'דבר לא ייווצר פעמיים.'],
    ['needs-user', 'then choose:', 'ואז לבחור:'],
    ['cancelled', 'Nothing was sent.', 'דבר לא נשלח.'],
  ])('says what %s means, in both languages [D-12]', async (state, english, hebrew) => {
    const inEnglish = await showCard({ state })
    expect(inEnglish.card.textContent).toContain(english)
    cleanup()

    const inHebrew = await showCard({ state }, { language: 'he' })
    expect(inHebrew.card.textContent).toContain(hebrew)
  })

  it('waits with its reason, its time and its next try, and promises once [D-10]', async () => {
    const { card } = await showCard({
      problem: problemBody('jira.unreachable', { host: 'jira.example.test' }),
      attempts: 2,
      nextAttemptAt: '2026-11-21T08:52:00.000Z',
    })

    expect(card.textContent).toContain('It is sent once, by itself')
    expect(within(card).getByRole('alert').textContent).toContain('jira.example.test')
    expect(card.textContent).toMatch(/2.? attempts/)
    expect(card.textContent).toMatch(/Next try at .?\d/)
  })

  it.each<{ name: string; request: string; state: OperationState }>([
    { name: 'Try now', request: `POST ${path}/check`, state: 'planned' },
    { name: 'Take it out of the outbox', request: `DELETE ${path}`, state: 'planned' },
    { name: 'Look again now', request: `POST ${path}/check`, state: 'unknown' },
  ])('does "$name"', async ({ name, request, state }) => {
    const answers = { [request]: () => ({ operation: sampleOperation() }) }
    const { onDeed, sent } = await showCard({ state }, { answers })

    fireEvent.click(screen.getByRole('button', { name }))

    await waitFor(() => expect(onDeed).toHaveBeenCalledOnce())
    expect(sent().map((each) => `${each.method} ${each.path}`)).toEqual([request])
  })

  it('offers no way back once something was sent', async () => {
    await showCard({ state: 'attempting' })
    expect(screen.queryByRole('button')).toBeNull()
  })

  it('leads to the issue, and copies its key and its link [STY-17]', async () => {
    await showCard({ state: 'done', key: 'PAY-7', url: 'https://jira.example.test/browse/PAY-7' })

    const link = screen.getByRole('link')
    expect(link.getAttribute('href')).toBe('https://jira.example.test/browse/PAY-7')
    expect(link.getAttribute('target')).toBe('_blank')
    expect(link.getAttribute('rel')).toBe('noopener noreferrer')
    expect(screen.getAllByRole('button', { name: /^Copy/ })).toHaveLength(2)
  })

  it('explains a refusal with what to do', async () => {
    const { card } = await showCard({ state: 'refused', problem: problemBody('jira.forbidden') })

    expect(within(card).getByRole('alert').textContent).toContain(
      problemBody('jira.forbidden').message_en,
    )
    expect(card.textContent).toContain('Correct the story and approve it again.')
  })
})

describe('a write of which nobody can tell', () => {
  const state = 'needs-user'
  const reply = () => ({ operation: sampleOperation() })

  it('is checked again', async () => {
    const { sent } = await showCard({ state }, { answers: { [`POST ${path}/check`]: reply } })

    fireEvent.click(screen.getByRole('button', { name: 'Check again' }))

    await waitFor(() => expect(sent()).toHaveLength(1))
  })

  it.each(['PAY-7', ' pay-7 ', 'https://jira.example.test/jira/browse/PAY-7'])(
    'is tied to the issue of %j',
    async (typed) => {
      const { sent } = await showCard({ state }, { answers: { [`POST ${path}/link`]: reply } })
      const field = screen.getByRole('textbox', { name: 'Key or address of the issue' })
      expect(field.getAttribute('dir')).toBe('ltr')

      fireEvent.change(field, { target: { value: typed } })
      fireEvent.click(screen.getByRole('button', { name: 'Tie it to this issue' }))

      await waitFor(() => expect(sent()[0]?.body).toEqual({ key: typed.trim() }))
    },
  )

  it('takes nothing where nothing is given', async () => {
    const { sent } = await showCard({ state })

    fireEvent.click(screen.getByRole('button', { name: 'Tie it to this issue' }))

    expect(await screen.findByText('Give its key or its address.')).toBeTruthy()
    expect(sent()).toEqual([])
  })

  it('says why an issue is not the one', async () => {
    await showCard(
      { state },
      {
        answers: {
          [`POST ${path}/link`]: () => refusal('operation.other-issue', { key: 'PAY-8' }),
        },
      },
    )

    fireEvent.change(screen.getByRole('textbox'), { target: { value: 'PAY-8' } })
    fireEvent.click(screen.getByRole('button', { name: 'Tie it to this issue' }))

    expect((await screen.findByRole('alert')).textContent).toContain('PAY-8')
  })

  it('is created anew only after a warning of the duplicate, and then once [D-12]', async () => {
    const { sent } = await showCard(
      { state },
      { answers: { [`POST ${path}/create-anyway`]: reply } },
    )

    fireEvent.click(screen.getByRole('button', { name: 'Create it anyway' }))
    const dialog = await screen.findByRole('alertdialog')
    expect(dialog.textContent).toContain('two with the same content')
    expect(sent()).toEqual([])
    const confirm = within(dialog).getByRole('button', {
      name: 'Create, a duplicate is possible',
    })
    fireEvent.click(confirm)
    fireEvent.click(confirm)

    await waitFor(() => expect(sent()).toHaveLength(1))
  })
})

describe('a write of several steps', () => {
  const step = (id: number, changes: Partial<Operation>) =>
    sampleOperation({
      id: `2f4b8a52-7a31-4d5c-9a53-0c8b5b1b8a2${id}`,
      title: `Step ${id}`,
      ...changes,
    })

  it('shows how far it is, and goes on only when the person says so [D-12]', async () => {
    const group: Partial<Operation> = {
      kind: 'group',
      system: undefined,
      thing: undefined,
      state: 'partial',
      steps: [
        step(1, { state: 'done', key: 'PAY-1' }),
        step(2, { state: 'done', key: 'PAY-2', system: 'trello', thing: 'card' }),
        step(3, { state: 'refused', system: 'confluence', thing: 'page' }),
        step(4, { waitsForSteps: true }),
      ],
    }
    const answers = { [`POST ${path}/continue`]: () => ({ operation: sampleOperation() }) }
    const { card, sent } = await showCard(group, { answers })

    expect(card.textContent).toMatch(/2.? of .?4.? done/)
    expect(card.textContent).toMatch(/The .?card.? stands in .?Trello/)
    expect(card.textContent).toMatch(/Confluence.? did not accept the .?page/)
    expect(card.textContent).toContain('It waits for earlier steps.')
    fireEvent.click(screen.getByRole('button', { name: 'Continue' }))

    await waitFor(() => expect(sent().map((each) => each.path)).toEqual([`${path}/continue`]))
  })
})
