import type { Account } from '@studioops/contracts/accounts'
import type { Story } from '@studioops/contracts/stories'
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import { aSession } from '../../testing/samples.ts'
import { type Answers, show } from '../../testing/show.tsx'
import { BypassPart } from './bypass-part.tsx'
import { examplesOf } from './examples-field.tsx'
import { IssuesList } from './issues-list.tsx'
import { withProposal } from './kept-edits.tsx'
import { RuleItem } from './rule-words.tsx'
import { SplitView } from './split-view.tsx'
import { diffStories } from './story-diff.ts'
import { useStoryEditor } from './story-editing.ts'
import { sampleContent, sampleDraft, sampleStoryId, sampleVersion } from './story-samples.ts'

afterEach(() => {
  cleanup()
  sessionStorage.clear()
})

const [first = '', second = '', third = ''] = sampleContent().acceptanceCriteria
const part = (criteria: readonly string[], storyPoints: number, summary = 'A part') => ({
  content: { ...sampleContent(), summary, acceptanceCriteria: [...criteria], storyPoints },
  level: 1 as const,
})

function splitStory(parts = [part([first], 2, 'The field'), part([second], 3, 'The refusal')]) {
  return sampleDraft({ versions: [sampleVersion({ children: parts })] })
}

function Shown({ story }: { readonly story: Story }) {
  const editor = useStoryEditor(story)
  const [newest] = story.versions
  if (newest === undefined) return null
  return (
    <SplitView
      {...({ story, editor, isOpen: true } as Parameters<typeof SplitView>[0])}
      write={{ isPending: false, isError: false, mutate: () => {} } as never}
      newest={newest}
      parts={newest.children ?? []}
    />
  )
}

async function openSplit(story = splitStory(), answers: Answers = {}) {
  return show(<Shown story={story} />, { answers })
}

describe('a split', () => {
  it('shows by criterion which part has it, and what no part has [STY-8]', async () => {
    await openSplit()

    const table = await screen.findByRole('table')
    const row = within(table).getByRole('row', { name: (text) => text.startsWith(first) })
    expect(within(row).getByRole('rowheader').textContent).toBe(first)
    expect(
      within(row)
        .getAllByRole('cell')
        .map(({ textContent }) => textContent),
    ).toEqual(['in it', 'not in it'])
    expect(screen.getByText(/criterion is in no part/)).toBeTruthy()
    expect(
      within(table).getByRole('rowheader', { name: (text) => text.startsWith(third) }).textContent,
    ).toContain('in no part')
  })

  it('puts a lost criterion into the part that is chosen, as a new version [STY-8]', async () => {
    const story = splitStory()
    const { requests } = await openSplit(story, {
      [`PUT /stories/${sampleStoryId}/content`]: () => ({ story }),
    })

    fireEvent.click(await screen.findByRole('button', { name: /Put into a part/ }))
    fireEvent.click(await screen.findByRole('menuitem', { name: /The refusal/ }))

    await waitFor(() => expect(requests.some(({ method }) => method === 'PUT')).toBe(true))
    const { body } = requests.find(({ method }) => method === 'PUT') ?? {}
    expect(body).toMatchObject({
      basedOn: 1,
      children: [
        { content: { acceptanceCriteria: [first] } },
        { content: { acceptanceCriteria: [second, third] } },
      ],
    })
  })

  it('corrects one part and leaves the others as they are', async () => {
    const story = splitStory()
    const { requests } = await openSplit(story, {
      [`PUT /stories/${sampleStoryId}/content`]: () => ({ story }),
    })

    fireEvent.click(await screen.findByRole('button', { name: /Edit part .?2/ }))
    const dialog = await screen.findByRole('dialog')
    fireEvent.change(within(dialog).getByRole('textbox', { name: 'Summary' }), {
      target: { value: 'Refuse a wrong code' },
    })
    fireEvent.click(within(dialog).getByRole('button', { name: 'Save the part' }))

    await waitFor(() =>
      expect(requests.find(({ method }) => method === 'PUT')?.body).toMatchObject({
        children: [
          { content: { summary: 'The field' } },
          { content: { summary: 'Refuse a wrong code' } },
        ],
      }),
    )
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
  })

  it('lists every issue of an approval with its key, to be copied at once [STY-17]', async () => {
    const issue = (child: number | undefined, key?: string) => ({
      ...(child === undefined ? {} : { child }),
      title: `Story ${child ?? 'whole'}`,
      operationId: crypto.randomUUID(),
      state: key === undefined ? ('planned' as const) : ('done' as const),
      ...(key === undefined ? {} : { key, url: `https://jira.example.test/browse/${key}` }),
    })
    await show(<IssuesList issues={[issue(undefined, 'PAY-1'), issue(0, 'PAY-2'), issue(1)]} />)

    expect(await screen.findByText(/2.? of .?3.? stand in Jira/)).toBeTruthy()
    expect(screen.getByRole('link', { name: /PAY-2/ })).toBeTruthy()
    expect(screen.getByText('not made yet')).toBeTruthy()
    expect(screen.getByRole('button', { name: /all keys and links/ })).toBeTruthy()
  })
})

describe('letting a version pass in spite of the rules', () => {
  const session = (role: Account['role']) => ({
    'GET /session': () => aSession({ account: { ...aSession().session.account, role } }),
  })

  it('is offered to those who run the workspace alone [STY-13]', async () => {
    const element = <BypassPart story={sampleDraft()} broken={['points.limit']} isChanged={false} />
    await show(element, { answers: session('member') })
    await waitFor(() => expect(screen.queryByRole('button')).toBeNull())
    cleanup()
    await show(element, { answers: session('admin') })
    expect(await screen.findByRole('button', { name: 'Approve in spite of it' })).toBeTruthy()
  })

  it('asks for a reason and sends it with the version that was seen [STY-13]', async () => {
    const path = `PUT /stories/${sampleStoryId}/bypass`
    const { requests } = await show(
      <BypassPart story={sampleDraft()} broken={['points.limit']} isChanged={false} />,
      { answers: { ...session('owner'), [path]: () => ({ story: sampleDraft() }) } },
    )
    fireEvent.click(await screen.findByRole('button', { name: 'Approve in spite of it' }))
    const dialog = await screen.findByRole('dialog')
    const submit = within(dialog).getByRole('button', { name: 'Let it pass' })
    const sent = () => requests.filter(({ method }) => method === 'PUT')

    fireEvent.click(submit)
    expect(await within(dialog).findByText(/at least three characters/)).toBeTruthy()
    expect(sent()).toEqual([])
    fireEvent.change(within(dialog).getByRole('textbox', { name: 'Reason' }), {
      target: { value: 'Release on Sunday' },
    })
    fireEvent.click(submit)

    await waitFor(() =>
      expect(sent()[0]?.body).toEqual({ version: 1, reason: 'Release on Sunday' }),
    )
  })
})

it('says where a rule is broken, what to do, and who has set it [STY-11] [STY-12]', async () => {
  await show(
    <ul>
      <RuleItem
        result={{
          rule: 'points.limit',
          mode: 'block',
          verdict: 'broken',
          params: { max: 2 },
          findings: [{ at: 'storyPoints', quote: '8', child: 1 }],
        }}
        effective={{
          rule: 'points.limit',
          mode: 'block',
          params: { max: 2 },
          modeFrom: 'default',
          paramsFrom: { max: 'workspace' },
          lockedBy: 'workspace',
        }}
      />
    </ul>,
  )

  const text = (await screen.findByText(/points, or is split/)).closest('li')?.textContent ?? ''
  for (const said of ['2', 'Not met', 'Part', 'Story points', '8', 'Locked by the workspace'])
    expect(text).toContain(said)
})

describe('what was written by hand', () => {
  it('is replaced by what the model proposed only where that is taken over [STY-15]', () => {
    const content = sampleContent()
    const taken = withProposal(content, {
      path: 'stlcNotes.data',
      kept: content.stlcNotes.data,
      proposed: 'None.',
    })
    expect(taken).toEqual({ ...content, stlcNotes: { ...content.stlcNotes, data: 'None.' } })
    const gone = withProposal(content, { path: 'acceptanceCriteria', kept: second, proposed: '' })
    expect(gone.acceptanceCriteria).toEqual([first, third])
  })

  it('is compared with sections and parts of a split', () => {
    const content = sampleContent()
    const parts = diffStories(
      { content: { ...content, sections: [{ key: 'risk', title: 'Risks', text: 'None' }] } },
      {
        content: { ...content, sections: [{ key: 'risk', title: 'Risks', text: 'Some' }] },
        children: [part([first], 2)],
      },
    )
    expect(parts.map(({ part: name }) => name)).toEqual(['section', 'child'])
  })
})

it('reads the examples of an outline as feature files write them, each row as long as the head', () => {
  expect(examplesOf('| amount | currency |\n| 10 | ILS |\n| 20 |')).toEqual({
    columns: ['amount', 'currency'],
    rows: [
      ['10', 'ILS'],
      ['20', ''],
    ],
  })
})
