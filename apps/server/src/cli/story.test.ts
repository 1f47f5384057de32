import { createAccessToken } from '@studioops/contracts/access-tokens'
import { stepUp } from '@studioops/contracts/accounts'
import { listStories } from '@studioops/contracts/stories'
import { describe, expect, it } from 'vitest'
import { type TestApp, testPassword } from '../testing/test-app.ts'
import { test } from '../testing/test.ts'
import { runStory } from './story.ts'

const good = `Export the open invoices

Story
As an accountant
I want to export the open invoices
So that the books agree with the bank

Acceptance Criteria
- The file has one row for each open invoice.
- It is ready within 5 seconds.

STLC notes
Test scope: the export
Test data: three invoices
Environments: test
Test cases: one for each criterion
Entry criteria: it is built
Exit criteria: all pass

Story points: 3
`

async function check(text: string, ...args: string[]) {
  let out = ''
  const code = await runStory(['check', '-', ...args], {
    env: {},
    terminal: { out: (said) => void (out += said), tell: (said) => void (out += said) },
    signal: AbortSignal.timeout(5_000),
    readInput: () => Promise.resolve(text),
    ask: undefined,
  })
  return { code, out }
}

describe('studioops story check', () => {
  it('holds a text to the rules, without a server', async () => {
    expect(await check(good)).toMatchObject({ code: 0 })
    const { code, out } = await check(
      good.replace('- It is ready within 5 seconds.', '- It is intuitive for all.'),
    )
    expect(code).toBe(1)
    expect(out).toContain('BROKEN  criteria.testable')
  })

  it('says so in Hebrew, and where there is no story at all', async () => {
    expect((await check('words', '--lang', 'he')).out).toContain('קריטריוני קבלה')
  })
})

describe('studioops story draft and approve', () => {
  async function opened(app: TestApp) {
    const client = await app.withModel()
    await client.call(stepUp, { body: { password: testPassword } })
    // The scopes that the help of the command names, and no others.
    const body = {
      name: 'shell',
      scopes: ['stories.read' as const, 'stories.draft' as const, 'stories.approve' as const],
      days: 1,
    }
    const { secret } = await client.call(createAccessToken, { body })
    const run = async (args: readonly string[], input = '') => {
      let out = ''
      const code = await runStory(args, {
        env: { STUDIOOPS_URL: app.origin, STUDIOOPS_TOKEN: secret },
        terminal: { out: (said) => void (out += said), tell: (said) => void (out += said) },
        signal: AbortSignal.timeout(30_000),
        readInput: () => Promise.resolve(input),
        ask: undefined,
      })
      return { code, out }
    }
    return { client, run }
  }

  test('write a story by the rules and send exactly what was shown, once [STY-18] [D-25]', async ({
    app,
  }) => {
    const { client, run } = await opened(app)
    const wish = 'A clerk prints the list of open orders. The list is sorted by day.'
    const args = ['draft', '-', '--project', 'PAY', '--type', 'Story']
    const drafted = await run(args, wish)
    expect(drafted).toMatchObject({ code: 0, out: expect.stringContaining('met  summary.present') })
    const [story] = (await client.call(listStories, { query: {} })).stories
    const id = story?.id ?? ''
    expect(drafted.out).toContain(`/stories/${id}`)
    expect(await run(['check', id])).toMatchObject({ code: 0 })
    const shown = await run(['approve', id])
    expect(shown).toMatchObject({ code: 2, out: expect.stringContaining('Nothing was sent.') })
    const hash = /^[\w-]{43}$/m.exec(shown.out)?.[0] ?? ''
    expect(await run(['approve', id, '--hash', 'another'])).toMatchObject({ code: 2 })
    const before = app.jira.simulator.counters()['creates'] as { total: number }
    expect(await run(['approve', id, '--hash', hash])).toMatchObject({ code: 0 })
    await expect
      .poll(() => (app.jira.simulator.counters()['creates'] as { total: number }).total, {
        timeout: 20_000,
      })
      .toBe(before.total + 1)
  })

  test('end with the question where the model asks one', async ({ app }) => {
    const { run } = await opened(app)
    const asked = await run(['draft', '-', '--project', 'PAY'], 'Customers pay by a card scheme.')
    expect(asked.code).toBe(1)
    expect(asked.out).toContain('Answer on the page of the story.')
  })
})
