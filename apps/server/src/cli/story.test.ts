import { describe, expect, it } from 'vitest'
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
