import type { OperationState } from '@studioops/contracts/operations'
import type { RunEvent } from '@studioops/contracts/runs'
import type { Story } from '@studioops/contracts/stories'
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { useState } from 'react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { UiLanguage } from '../../lib/i18n/language.ts'
import { problemBody, refusal } from '../../testing/problems.ts'
import { type Answers, show } from '../../testing/show.tsx'
import type { OperationCardProps } from '../outbox/index.ts'
import { StoryPage } from './story-page.tsx'
import {
  sampleContent,
  sampleDraft,
  sampleOperation,
  samplePreview,
  sampleRunId,
  sampleStory,
  sampleStoryId,
  sampleVersion,
} from './story-samples.ts'
import type { StoryView } from './story-views.ts'

const runningStory = (changes: Partial<Story> = {}) =>
  sampleStory({
    state: 'writing',
    run: { id: sampleRunId, state: 'running', startedAt: '2026-11-21T08:30:00.000Z' },
    ...changes,
  })

/** The event stream of a run, written by the test; each connection gets everything from its start. */
function fakeStream() {
  const encoder = new TextEncoder()
  const sent: string[] = []
  const open = new Set<ReadableStreamDefaultController<Uint8Array>>()
  const aborted: string[] = []
  const fetchIt = vi.fn(async (url: string, init?: RequestInit) => {
    init?.signal?.addEventListener('abort', () => aborted.push(url))
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const frame of sent) controller.enqueue(encoder.encode(frame))
        open.add(controller)
      },
      cancel: () => open.clear(),
    })
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  })
  vi.stubGlobal('fetch', fetchIt)
  return {
    fetchIt,
    aborted,
    say(...events: readonly RunEvent[]) {
      for (const { type, ...data } of events) {
        const frame = `id: 1.${sent.length}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`
        sent.push(frame)
        for (const controller of open) controller.enqueue(encoder.encode(frame))
      }
    },
  }
}

const provider = (model = 'demo-small', attempt = 1, round = 0): RunEvent => ({
  type: 'provider',
  model,
  attempt,
  round,
})
const token = (text: string): RunEvent => ({ type: 'assistant_token', text })

const Nothing = () => null

function StandInCard({ operation, actions }: OperationCardProps) {
  return (
    <p>
      card of {operation.state} {actions}
    </p>
  )
}

function Shown({ first = 'preview' }: { readonly first?: StoryView }) {
  const [view, setView] = useState<StoryView>(first)
  return (
    <StoryPage
      storyId={sampleStoryId}
      view={view}
      onView={setView}
      OperationCard={StandInCard}
      PublishPanel={Nothing}
    />
  )
}

const lists: Answers = {
  'GET /projects': () => ({ projects: [] }),
  [`GET /stories/${sampleStoryId}/sources`]: () => ({
    sources: [],
    budget: { max: 8_000, requirement: 20, sources: 0 },
    available: ['document', 'jira-issue'],
  }),
  'GET /stories': () => ({ stories: [] }),
  'GET /jira/projects': () => ({
    projects: [{ key: 'PAY', name: 'Payments' }],
    asOf: '2026-11-21T08:30:00.000Z',
  }),
  'GET /jira/projects/PAY/issue-types': () => ({
    issueTypes: [{ id: '1', name: 'Story', subtask: false }],
    asOf: '2026-11-21T08:30:00.000Z',
  }),
}

type Opening = {
  readonly answers?: Answers
  readonly first?: StoryView
  readonly language?: UiLanguage
}

/** Opens the page of a story that the server keeps; `server.story` may be changed meanwhile. */
async function open(story: Story, { answers = {}, first, language = 'en' }: Opening = {}) {
  const server = { story }
  const path = `/stories/${sampleStoryId}`
  const shown = await show(<Shown {...(first === undefined ? {} : { first })} />, {
    path,
    language,
    answers: { ...lists, [`GET ${path}`]: () => ({ story: server.story }), ...answers },
  })
  await screen.findByRole('heading', { level: 1 })
  const sent = (method: string, end: string) =>
    shown.requests.filter((each) => each.method === method && each.path.endsWith(end))
  return { ...shown, server, sent }
}

const statusText = () =>
  screen
    .getAllByRole('status')
    .map((each) => each.textContent)
    .join(' ')

beforeEach(() => void fakeStream())
afterEach(() => {
  cleanup()
  sessionStorage.clear()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

describe('a story while it is written', () => {
  it('grows as the tokens come, says so once, and becomes the preview [STR-3]', async () => {
    const stream = fakeStream()
    const { server } = await open(runningStory())
    const reply = JSON.stringify({ kind: 'story', ...sampleContent() })

    stream.say(provider(), token(reply.slice(0, 60)))
    const article = await screen.findByRole('article', { busy: true })
    await within(article).findByText(/^Sign in with/)
    expect(article.closest('[aria-live], [role=status]')).toBeNull()
    expect(statusText()).toContain('The story is being written.')

    server.story = sampleDraft({
      run: { id: sampleRunId, state: 'complete', startedAt: '2026-11-21T08:30:00.000Z' },
    })
    const done: RunEvent = { type: 'done', state: 'complete', version: 1, fallback: false }
    stream.say(token(reply.slice(60)), done)

    await screen.findByText('Exactly what Jira will get')
    expect(screen.getByRole('heading', { name: 'Acceptance Criteria' })).toBeTruthy()
    expect(statusText()).toContain('The story is written.')
    expect(stream.fetchIt).toHaveBeenCalledOnce()
  })

  it('shows what a broken attempt left behind, apart from the new one [D-9]', async () => {
    const stream = fakeStream()
    await open(runningStory())

    stream.say(
      provider('one'),
      token('{"kind":"story","summary":"Half a sto'),
      { type: 'reset', reason: 'broke-off', discarded: 3 },
      provider('two', 2),
      token('{"kind":"story","summary":"A whole story"'),
    )

    await screen.findByText('A whole story')
    const notice = screen.getByText(/An attempt broke off/)
    expect(notice.textContent).toContain('two')
    expect(screen.getByRole('article', { busy: true }).textContent).not.toContain('Half a sto')
    expect(screen.getByText('Half a sto')).toBeTruthy()
  })

  it('counts automatic corrections in sight [STY-11]', async () => {
    const stream = fakeStream()
    await open(runningStory())

    stream.say(
      provider(),
      token('{"kind":"story"'),
      { type: 'reset', reason: 'invalid', discarded: 1 },
      provider('demo-small', 1, 1),
    )

    expect(await screen.findByText(/round .?1.? of .?2/)).toBeTruthy()
  })

  it('stops by a request, at the button and at Escape, and only once [STR-3]', async () => {
    const stop = vi.fn(() => ({ run: runningStory().run }))
    const { sent } = await open(runningStory(), {
      answers: { [`POST /runs/${sampleRunId}/stop`]: stop },
    })
    const button = await screen.findByRole('button', { name: 'Stop' })

    fireEvent.keyDown(document.body, { key: 'Escape' })
    await waitFor(() => expect(sent('POST', '/stop')).toHaveLength(1))
    fireEvent.click(button)
    fireEvent.keyDown(document.body, { key: 'Escape' })

    await waitFor(() => expect(screen.getByText('Stopping…')).toBeTruthy())
    expect(sent('POST', '/stop')).toHaveLength(1)
  })

  it('does not stop when the page is left', async () => {
    const stream = fakeStream()
    const { requests } = await open(runningStory())
    stream.say(provider(), token('{"kind":"story","summary":"On its way'))
    await screen.findByText('On its way')

    cleanup()

    expect(stream.aborted).toHaveLength(1)
    expect(requests.filter(({ method }) => method !== 'GET')).toEqual([])
  })

  it('keeps what was written before it was stopped, and says that it is not whole', async () => {
    const stream = fakeStream()
    stream.say(provider(), token('{"kind":"story","summary":"As far as it came'), {
      type: 'done',
      state: 'stopped',
      fallback: false,
    })
    await open(
      sampleStory({
        run: { id: sampleRunId, state: 'stopped', startedAt: '2026-11-21T08:30:00.000Z' },
      }),
    )

    await screen.findByText('As far as it came')
    expect(screen.getByText(/Nothing of it goes to Jira/)).toBeTruthy()
    expect(screen.queryByRole('button', { name: 'Approve and create in Jira' })).toBeNull()
  })

  it.each([
    ['en', 'The story could not be written.'],
    ['he', 'כתיבת הסיפור נכשלה.'],
  ] as const)('explains a failure in %s', async (language, title) => {
    const stream = fakeStream()
    const problem = problemBody('model.auth')
    stream.say({ type: 'error', problem }, { type: 'done', state: 'failed', fallback: false })
    await open(
      sampleStory({
        run: { id: sampleRunId, state: 'failed', startedAt: '2026-11-21T08:30:00.000Z' },
      }),
      { language },
    )

    await screen.findByText(title, { selector: 'p' })
    const message = language === 'he' ? problem.message_he : problem.message_en
    expect(await screen.findByText(message)).toBeTruthy()
  })
})

describe('a question of the model', () => {
  const question = { requestId: 'q1', question: 'Which sign-in?', options: ['Password', 'SSO'] }
  const waiting = () =>
    runningStory({
      run: {
        id: sampleRunId,
        state: 'waiting',
        startedAt: '2026-11-21T08:30:00.000Z',
        question,
      },
    })
  const answered = { [`POST /runs/${sampleRunId}/answer`]: () => ({ run: waiting().run }) }

  it('is there after a reload, before the stream has said a word [AI-6] [STY-16]', async () => {
    await open(waiting())

    expect(await screen.findByText('Which sign-in?')).toBeTruthy()
    expect(screen.getByRole('button', { name: 'SSO' })).toBeTruthy()
  })

  it('is answered by one press, once', async () => {
    const { sent } = await open(waiting(), { answers: answered })

    fireEvent.click(await screen.findByRole('button', { name: 'SSO' }))
    fireEvent.click(screen.getByRole('button', { name: 'Password' }))

    await waitFor(() => expect(sent('POST', '/answer')).toHaveLength(1))
    expect(sent('POST', '/answer')[0]?.body).toEqual({ requestId: 'q1', answer: 'SSO' })
  })

  it('is answered in own words, but not by nothing', async () => {
    const { sent } = await open(waiting(), { answers: answered })
    const field = await screen.findByRole('textbox', { name: 'Your own answer' })

    fireEvent.click(screen.getByRole('button', { name: 'Answer' }))
    expect(await screen.findByText('Type an answer first.')).toBeTruthy()
    fireEvent.change(field, { target: { value: ' Passkeys ' } })
    fireEvent.click(screen.getByRole('button', { name: 'Answer' }))

    await waitFor(() =>
      expect(sent('POST', '/answer')[0]?.body).toEqual({ requestId: 'q1', answer: 'Passkeys' }),
    )
  })

  it('becomes question and answer to read once it is answered', async () => {
    const stream = fakeStream()
    await open(waiting())
    stream.say(
      provider(),
      { type: 'clarify', ...question },
      { type: 'clarified', requestId: 'q1', answer: 'SSO' },
      provider(),
    )

    expect(await screen.findByText('You answered')).toBeTruthy()
    expect(screen.getByText('SSO').tagName).toBe('DD')
    expect(screen.queryByRole('button', { name: 'SSO' })).toBeNull()
  })
})

describe('the requirement', () => {
  it('is kept when the tab is hidden, without waiting [STY-1]', async () => {
    const { sent } = await open(sampleStory(), {
      answers: { [`PATCH /stories/${sampleStoryId}`]: () => ({ story: sampleStory() }) },
    })

    const field = await screen.findByRole('textbox', { name: 'What is needed?' })
    fireEvent.change(field, { target: { value: 'Codes by SMS' } })
    vi.spyOn(document, 'hidden', 'get').mockReturnValue(true)
    fireEvent(document, new Event('visibilitychange'))

    await waitFor(() => expect(sent('PATCH', sampleStoryId)).toHaveLength(1))
    expect(sent('PATCH', sampleStoryId)[0]?.body).toEqual({ requirement: 'Codes by SMS' })
  })

  it('is kept before the model is asked, so that the model reads what is shown', async () => {
    const kept = sampleStory({ requirement: 'Codes by SMS' })
    const { requests } = await open(sampleStory(), {
      answers: {
        [`PATCH /stories/${sampleStoryId}`]: () => ({ story: kept }),
        [`POST /stories/${sampleStoryId}/write`]: () => ({ run: runningStory().run }),
      },
    })

    const field = await screen.findByRole('textbox', { name: 'What is needed?' })
    fireEvent.change(field, { target: { value: 'Codes by SMS' } })
    fireEvent.click(screen.getByRole('button', { name: 'Write the story' }))

    await waitFor(() => {
      const order = requests.filter(({ method }) => method !== 'GET').map(({ method }) => method)
      expect(order).toEqual(['PATCH', 'POST'])
    })
  })

  it('is asked for when there is none, and nothing is sent', async () => {
    const { requests } = await open(sampleStory({ requirement: '' }))

    fireEvent.click(await screen.findByRole('button', { name: 'Write the story' }))

    expect(await screen.findByText('Type the requirement first.')).toBeTruthy()
    expect(document.activeElement?.tagName).toBe('TEXTAREA')
    expect(requests.filter(({ method }) => method !== 'GET')).toEqual([])
  })

  it('says how old the list of projects is while Jira is away [D-10]', async () => {
    await open(sampleStory(), {
      answers: {
        'GET /jira/projects': () => ({
          projects: [{ key: 'PAY', name: 'Payments' }],
          asOf: '2026-11-21T08:30:00.000Z',
          stale: problemBody('jira.unreachable'),
        }),
      },
    })

    expect(await screen.findByText(/^As of .?\d/)).toBeTruthy()
  })
})

describe('an offline draft', () => {
  it.each([
    ['en', 'Offline draft: no model wrote this'],
    ['he', 'טיוטה לא מקוונת: אף מודל לא כתב אותה'],
  ] as const)(
    'is labelled, explained and cannot be approved, in %s [D-9]',
    async (language, label) => {
      const stream = fakeStream()
      const problem = problemBody('model.unreachable', { host: 'llm.example.test' })
      stream.say(
        { type: 'error', problem },
        {
          type: 'done',
          state: 'offline',
          version: 1,
          fallback: true,
        },
      )
      const { requests } = await open(
        sampleDraft({
          versions: [sampleVersion({ source: 'offline', model: undefined })],
          run: { id: sampleRunId, state: 'offline', startedAt: '2026-11-21T08:30:00.000Z' },
        }),
        { language },
      )

      await screen.findByText(label)
      const message = language === 'he' ? problem.message_he : problem.message_en
      await screen.findByText((text) => text.includes(message))
      const approve = screen.getByRole('button', { name: /Approve and create|אישור ויצירה/ })
      fireEvent.click(approve)
      expect((approve as HTMLButtonElement).disabled).toBe(true)
      expect(requests.filter(({ method }) => method !== 'GET')).toEqual([])
    },
  )
})

describe('correcting by hand', () => {
  const openEditor = async (answers: Answers) => {
    const opened = await open(sampleDraft(), { answers, first: 'edit' })
    const field = await screen.findByRole<HTMLInputElement>('textbox', { name: 'Summary' })
    fireEvent.change(field, { target: { value: 'Sign in with a passkey' } })
    return { ...opened, field }
  }
  const edited = () =>
    sampleDraft({
      versions: [
        sampleVersion(),
        sampleVersion({
          number: 2,
          source: 'edit',
          content: { ...sampleContent(), summary: 'Sign in with a passkey' },
        }),
      ],
    })

  it('saves a new version on top of the one that was read [STY-15]', async () => {
    const { sent } = await openEditor({
      [`PUT /stories/${sampleStoryId}/content`]: () => ({ story: edited() }),
    })

    fireEvent.click(screen.getByRole('button', { name: 'Save as a new version' }))

    await screen.findByText('Exactly what Jira will get')
    expect(sent('PUT', '/content')[0]?.body).toEqual({
      basedOn: 1,
      content: { ...sampleContent(), summary: 'Sign in with a passkey' },
    })
  })

  it('loses nothing when the story has changed meanwhile, and offers both', async () => {
    const theirs = sampleDraft({
      versions: [
        sampleVersion(),
        sampleVersion({
          number: 2,
          content: { ...sampleContent(), summary: 'Sign in with a fingerprint' },
        }),
      ],
    })
    let isFirst = true
    const { server, sent, field } = await openEditor({
      [`PUT /stories/${sampleStoryId}/content`]: () => {
        if (!isFirst) return { story: edited() }
        isFirst = false
        return refusal('story.version-changed')
      },
    })
    server.story = theirs

    fireEvent.click(screen.getByRole('button', { name: 'Save as a new version' }))
    const notice = await screen.findByText('The story has changed since you began to correct it')
    expect(field.value).toBe('Sign in with a passkey')
    expect(screen.getByText('fingerprint').tagName).toBe('INS')
    expect(notice).toBeTruthy()
    fireEvent.click(screen.getByRole('button', { name: 'Save mine as the newest version' }))

    await waitFor(() => expect(sent('PUT', '/content')).toHaveLength(2))
    expect(sent('PUT', '/content')[1]?.body).toMatchObject({
      basedOn: 2,
      content: { summary: 'Sign in with a passkey' },
    })
  })

  it('brings corrections back after a reload', async () => {
    await openEditor({})
    cleanup()

    await open(sampleDraft(), { first: 'edit' })

    expect(await screen.findByText('Your unsaved corrections were brought back.')).toBeTruthy()
    expect(screen.getByRole<HTMLInputElement>('textbox', { name: 'Summary' }).value).toBe(
      'Sign in with a passkey',
    )
  })

  it('judges the rules while one types, and does not approve what is not saved [STY-5]', async () => {
    const { field } = await openEditor({})
    fireEvent.change(field, { target: { value: `x${'x'.repeat(125)}${'👩‍🚀'.repeat(25)}` } })

    const rule = (await screen.findByText(/The summary has at most/)).closest('li')
    expect(rule?.textContent).toContain('Not met')
    fireEvent.change(field, { target: { value: 'x'.repeat(125) + '👩‍🚀'.repeat(25) } })
    const met = screen.getByText(/The summary has at most/).closest('li')
    expect(met?.textContent).not.toContain('Not met')
    expect(screen.getByText(/your corrections are not saved/)).toBeTruthy()
  })

  it('moves and removes criteria by buttons, keeps the focus, and brings back [WCAG 2.5.7]', async () => {
    await openEditor({})
    const texts = () =>
      screen
        .getAllByRole<HTMLTextAreaElement>('textbox', { name: /^Criterion/ })
        .map(({ value }) => value)
    const [first, second, third] = sampleContent().acceptanceCriteria

    fireEvent.click(screen.getByRole('button', { name: /^Move criterion .?1.? down/ }))
    expect(texts()).toEqual([second, first, third])
    await waitFor(() =>
      expect(document.activeElement?.getAttribute('aria-label')).toMatch(/criterion .?2.? down/),
    )
    fireEvent.click(screen.getByRole('button', { name: /^Remove criterion .?1/ }))
    expect(texts()).toEqual([first, third])
    fireEvent.click(screen.getByRole('button', { name: 'Bring it back' }))
    expect(texts()).toEqual([second, first, third])
  })
})

describe('the rules', () => {
  it('let the model correct what is broken, in the language of the story [STY-11]', async () => {
    const story = sampleDraft({
      language: 'he',
      versions: [sampleVersion({ content: { ...sampleContent(), storyPoints: 8 } })],
    })
    const { sent } = await open(story, {
      answers: { [`POST /stories/${sampleStoryId}/write`]: () => ({ run: runningStory().run }) },
    })

    expect(await screen.findByText(/1.? rule is not met/)).toBeTruthy()
    fireEvent.click(screen.getByRole('button', { name: 'Let the model fix it' }))

    await waitFor(() => expect(sent('POST', '/write')).toHaveLength(1))
    expect(sent('POST', '/write')[0]?.body).toEqual({
      instruction: expect.stringContaining('בין 0 ל־3 נקודות סיפור') as string,
    })
  })

  it('do not ask for scenarios in the classic format', async () => {
    await open(sampleDraft())

    const rule = (await screen.findByText(/There are scenarios/)).closest('li')
    expect(rule?.textContent).toContain('Does not apply')
  })
})

describe('approving', () => {
  const approved = (state: OperationState = 'planned') =>
    sampleDraft({ state: 'approved', operation: sampleOperation({ state }) })
  const path = `POST /stories/${sampleStoryId}/approve`

  it('says what will happen, and as whom [D-25]', async () => {
    await open(sampleDraft())

    const text = await screen.findByText(/^Creates one issue of type/)
    for (const part of ['PAY', 'נועה לוי', 'jira.example.test'])
      expect(within(text).getByText((each) => each.includes(part)).tagName).toBe('BDI')
  })

  it('asks for what the project requires, keeps it, and approves only then [CON-11]', async () => {
    const asked = (values: string[], more: object = {}) => ({
      id: 'customfield_1',
      name: 'צוות',
      kind: 'choice' as const,
      options: [
        { id: '1', label: 'Platform' },
        { id: '2', label: 'Payments' },
      ],
      values,
      isRemembered: false,
      ...more,
    })
    const draft = (field: ReturnType<typeof asked>) =>
      sampleDraft({ preview: samplePreview({ asked: [field] }) })
    const { sent } = await open(draft(asked([], { problem: 'missing' })), {
      answers: {
        [`PUT /stories/${sampleStoryId}/jira-fields`]: () => ({ story: draft(asked(['2'])) }),
      },
    })
    const button = await screen.findByRole('button', { name: 'Approve and create in Jira' })
    expect(button).toHaveProperty('disabled', true)

    fireEvent.click(await screen.findByRole('button', { name: /צוות/ }))
    fireEvent.click(await screen.findByRole('option', { name: 'Payments' }))

    await waitFor(() => expect(button.isConnected && button).toHaveProperty('disabled', false))
    expect(sent('PUT', '/jira-fields')[0]?.body).toEqual({ values: { customfield_1: ['2'] } })
  })

  it('sends what was shown, once, however often it is pressed [STY-18]', async () => {
    const { sent } = await open(sampleDraft(), {
      answers: { [path]: () => ({ story: approved() }) },
    })
    const button = await screen.findByRole('button', { name: 'Approve and create in Jira' })

    fireEvent.click(button)
    fireEvent.click(button)
    await screen.findByText(/card of planned/)

    const [request, ...others] = sent('POST', '/approve')
    expect(others).toEqual([])
    expect(request?.body).toEqual({ version: 1, payloadHash: 'sha256-1' })
    expect(request?.headers.get('idempotency-key')).toMatch(/^\w{32}$/)
    await waitFor(() => expect(document.activeElement?.textContent).toBe('The way to Jira'))
  })

  it('repeats a lost press with the same key', async () => {
    let isFirst = true
    const { sent } = await open(sampleDraft(), {
      answers: {
        [path]: () => {
          if (!isFirst) return { story: approved() }
          isFirst = false
          throw new TypeError('no network')
        },
      },
    })

    fireEvent.click(await screen.findByRole('button', { name: 'Approve and create in Jira' }))
    fireEvent.click(await screen.findByRole('button', { name: 'Try again' }))
    await screen.findByText(/card of planned/)

    const keys = sent('POST', '/approve').map(({ headers }) => headers.get('idempotency-key'))
    expect(keys).toHaveLength(2)
    expect(keys[0]).toBe(keys[1])
  })

  it('is not focused by itself, and no Enter in a field reaches it [D-25]', async () => {
    const { requests } = await open(sampleDraft())
    const button = await screen.findByRole('button', { name: 'Approve and create in Jira' })

    expect(document.activeElement).not.toBe(button)
    expect(button.closest('form')).toBeNull()
    for (const field of screen.getAllByRole('textbox'))
      fireEvent.keyDown(field, { key: 'Enter', code: 'Enter' })
    expect(requests.filter(({ method }) => method !== 'GET')).toEqual([])
  })

  it('shows the preview anew when Jira would get something else than was shown', async () => {
    const { server } = await open(sampleDraft(), {
      answers: { [path]: () => refusal('story.payload-changed') },
    })
    const button = await screen.findByRole('button', { name: 'Approve and create in Jira' })
    server.story = sampleDraft({
      preview: samplePreview({ payloadHash: 'sha256-2', projectKey: 'OPS' }),
    })

    fireEvent.click(button)

    await waitFor(() => expect(screen.getAllByText('OPS').length).toBeGreaterThan(0))
  })

  it('ends every way of changing the story', async () => {
    await open(approved('done'))

    await screen.findByText(/card of done/)
    expect(screen.getByRole('button', { name: 'Another story' })).toBeTruthy()
    expect(screen.queryByRole('tab', { name: 'Edit' })).toBeNull()
    expect(screen.queryByRole('textbox', { name: 'What should change?' })).toBeNull()
    expect(screen.queryByRole('button', { name: 'Approve and create in Jira' })).toBeNull()
  })

  it('follows the write until it is done, without a reload [STY-17]', async () => {
    const { server } = await open(approved('attempting'))
    await screen.findByText(/card of attempting/)

    server.story = approved('done')

    const card = await screen.findByText(/card of done/, undefined, { timeout: 4_000 })
    expect(card).toBeTruthy()
  })
})

describe('versions', () => {
  it('shows the difference of two of them by sign and by element [STY-15]', async () => {
    const versions = [
      sampleVersion(),
      sampleVersion({
        number: 2,
        source: 'edit',
        model: undefined,
        content: { ...sampleContent(), summary: 'Sign in with a passkey' },
      }),
    ]
    await open(sampleDraft({ versions }), { first: 'versions' })

    expect(await screen.findAllByText('Corrected by hand')).toHaveLength(2)
    const removed = screen.getByText('one-time code', { exact: false, selector: 'del' })
    const added = screen.getByText('passkey', { exact: false, selector: 'ins' })
    expect(removed.textContent).toContain('−')
    expect(added.textContent).toContain('+')
  })

  it('brings an old one back as a new one', async () => {
    const old = { ...sampleContent(), summary: 'The first one' }
    const versions = [sampleVersion({ content: old }), sampleVersion({ number: 2 })]
    const { sent } = await open(sampleDraft({ versions }), {
      first: 'versions',
      answers: { [`POST /stories/${sampleStoryId}/restore`]: () => ({ story: sampleDraft() }) },
    })

    fireEvent.click(await screen.findByRole('button', { name: /Use version .?1.? again/ }))

    await waitFor(() =>
      expect(sent('POST', '/restore')[0]?.body).toEqual({ version: 1, basedOn: 2 }),
    )
  })
})

it('explains a story that does not exist, and leads back', async () => {
  await open(sampleStory(), {
    answers: { [`GET /stories/${sampleStoryId}`]: () => refusal('story.not-found') },
  })

  expect((await screen.findByRole('alert')).textContent).toContain('This story does not exist.')
  expect(screen.getByRole('link', { name: 'All stories' })).toBeTruthy()
})
