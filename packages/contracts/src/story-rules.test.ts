import { describe, expect, it } from 'vitest'
import { countGraphemes } from './limits.ts'
import type { StoryContent } from './story-content.ts'
import type { RuleSubject } from './story-rule.ts'
import {
  brokenStoryRules,
  checkStory,
  mergeRuleSettings,
  pointsMaxOf,
  ruleWords,
  type StoryRule,
  storyRuleDefinitions,
  storyRules,
} from './story-rules.ts'
import { coverageOf, lostCriteria } from './story-split.ts'
import { readStoryText } from './story-text.ts'
import { findWord, saysTheSame } from './story-wording.ts'

const good: StoryContent = {
  summary: 'Export the open invoices',
  narrative: { asA: 'an accountant', iWant: 'to export the invoices', soThat: 'the books agree' },
  acceptanceCriteria: ['The file has one row for each open invoice.', 'It is ready in 5 seconds.'],
  scenarios: [],
  stlcNotes: {
    scope: 'Export',
    data: 'Invoices',
    environments: 'Test',
    cases: 'Two',
    entryCriteria: 'Built',
    exitCriteria: 'Passed',
  },
  storyPoints: 3,
}

const subject = (change: Partial<StoryContent>, more: Partial<RuleSubject> = {}): RuleSubject => ({
  story: { ...good, ...change },
  format: 'classic',
  language: 'en',
  projectKey: 'PAY',
  ...more,
})

const family = '👨‍👩‍👧‍👦'
const pointed = 'שָׁ'

describe('rules of a story', () => {
  it('have texts in both languages, and parameters that they take themselves [STY-12]', () => {
    for (const rule of storyRules) {
      const definition = storyRuleDefinitions[rule]
      const params = definition.readParams({})
      for (const language of ['en', 'he'] as const)
        for (const of of ['message', 'fix'] as const)
          expect(ruleWords({ rule, params }, { language, of }), rule).not.toMatch(/\{|^$/)
    }
  })

  it.each<[StoryRule, RuleSubject]>([
    ['summary.present', subject({ summary: ' ' })],
    ['summary.length', subject({ summary: 'x'.repeat(151) })],
    ['summary.length', subject({ summary: 'שׁ'.repeat(100) + 'x'.repeat(51) })],
    ['summary.units', subject({ summary: pointed.repeat(150) })],
    ['summary.one-line', subject({ summary: 'a\nb' })],
    ['criteria.present', subject({ acceptanceCriteria: [] })],
    ['criteria.not-empty', subject({ acceptanceCriteria: ['It is ready today.', ' … '] })],
    ['criteria.unique', subject({ acceptanceCriteria: ['It is so now.', 'it is SO  now'] })],
    ['criteria.testable', subject({ acceptanceCriteria: ['The page is user-friendly for all.'] })],
    ['criteria.testable', subject({ acceptanceCriteria: ['המסך יהיה אינטואיטיבי לכולם.'] })],
    ['criteria.testable', subject({ acceptanceCriteria: ['Slow networks.'] })],
    ['scenarios.present', subject({}, { format: 'bdd' })],
    ['stlc.present', subject({ stlcNotes: { ...good.stlcNotes, data: ' ' } })],
    ['points.limit', subject({ storyPoints: 3.5 })],
    ['points.limit', subject({ storyPoints: 0 })],
    ['texts.length', subject({ acceptanceCriteria: [`It is ${'long '.repeat(100)}`] })],
    ['wording.forbidden', subject({ summary: 'Export, TBD' })],
    ['invest.valuable', subject({ narrative: { ...good.narrative, soThat: '' } })],
    ['invest.small', subject({ acceptanceCriteria: good.acceptanceCriteria.concat(many(13)) })],
    [
      'sections.present',
      subject({}, { format: 'custom', wantedSections: [{ key: 'why', title: 'Why' }] }),
    ],
  ])('%s is broken by a story that breaks it, and by nothing else', (rule, given) => {
    expect(brokenStoryRules(given)).toEqual([rule])
  })

  it('are met by 150 characters as people count them [STY-10] [D-27]', () => {
    const summary = family.repeat(10) + pointed.repeat(100) + 'x'.repeat(40)
    expect(countGraphemes(summary)).toBe(150)
    expect(brokenStoryRules(subject({ summary }))).toEqual(['summary.units'])
    expect(brokenStoryRules(subject({ summary: 'א'.repeat(150) }))).toEqual([])
  })

  it('take a sentence of two Hebrew words, which needs no verb, for one', () => {
    expect(brokenStoryRules(subject({ acceptanceCriteria: ['הכרטיס מוסתר.'] }))).toEqual([])
  })

  it('tell a table of examples from its scenario [STY-2]', () => {
    // oxlint-disable-next-line unicorn/no-thenable -- A step of a scenario; a text is never awaited.
    const step = { name: 'Cards', given: 'a <card>', when: 'it pays', then: 'it is <answer>' }
    const outline = {
      ...step,
      examples: { columns: ['card', 'answer'], rows: [['Visa', 'taken']] },
    }
    const broken = (scenario: StoryContent['scenarios'][number]) =>
      brokenStoryRules(subject({ scenarios: [scenario] }, { format: 'bdd' }))
    expect(broken(outline)).toEqual([])
    expect(broken(step)).toEqual(['scenarios.outline'])
    expect(broken({ ...outline, examples: { columns: ['card'], rows: [['Visa']] } })).toEqual([
      'scenarios.outline',
    ])
  })

  it('are held to each part of a split, and the whole is spared its size [STY-8]', () => {
    const [first = '', second = ''] = good.acceptanceCriteria
    const children = [
      { ...good, acceptanceCriteria: [first] },
      { ...good, acceptanceCriteria: [second], storyPoints: 5 },
    ]
    const results = checkStory(subject({ storyPoints: 8 }, { children }))
    expect(results.find(({ rule }) => rule === 'points.limit')).toMatchObject({
      verdict: 'broken',
      findings: [{ at: 'storyPoints', child: 1 }],
    })
    const lost = checkStory(subject({ storyPoints: 8 }, { children: children.slice(0, 1) }))
    expect(lost.find(({ rule }) => rule === 'split.coverage')).toMatchObject({
      verdict: 'broken',
      findings: [{ quote: second }],
    })
  })

  it('ask Jira for nothing that it has not told: unknown does not block', () => {
    const settings = { workspace: { 'jira.duplicate': { mode: 'block' as const } } }
    const rules = mergeRuleSettings(settings)
    expect(brokenStoryRules(subject({}), rules)).toEqual([])
    const duplicates = [{ key: 'PAY-1', summary: good.summary }]
    expect(brokenStoryRules(subject({}, { duplicates }), rules)).toEqual(['jira.duplicate'])
  })
})

const many = (count: number) =>
  Array.from({ length: count }, (_, index) => `Case number ${index} is handled.`)

describe('settings of rules', () => {
  it('lie over each other, until one locks [STY-7] [STY-12]', () => {
    const rules = mergeRuleSettings({
      workspace: { 'points.limit': { params: { max: 8 } }, 'summary.length': { isLocked: true } },
      project: { 'points.limit': { params: { max: 5 }, mode: 'warn' } },
      user: { 'points.limit': { mode: 'block' }, 'summary.length': { mode: 'off' } },
    })
    expect(rules.find(({ rule }) => rule === 'points.limit')).toMatchObject({
      mode: 'block',
      modeFrom: 'user',
      params: { max: 5 },
      paramsFrom: { max: 'project' },
    })
    expect(pointsMaxOf(rules)).toBe(5)
    expect(rules.find(({ rule }) => rule === 'summary.length')).toMatchObject({
      mode: 'block',
      lockedBy: 'workspace',
    })
  })

  it('leave out what a rule does not take', () => {
    const rules = mergeRuleSettings({ user: { 'points.limit': { params: { max: 'many', x: 1 } } } })
    expect(pointsMaxOf(rules)).toBe(3)
  })
})

describe('where criteria went', () => {
  it('is told by their words: case and vowel points change nothing, figures and negations do', () => {
    expect(saysTheSame('The card is charged once.', 'the card is CHARGED once')).toBe(true)
    expect(saysTheSame('הכרטיס מחויב פעם אחת', 'הַכַּרְטִיס מחויב פעם אחת.')).toBe(true)
    const reworded = 'A failed payment is explained to the customer in plain words'
    expect(saysTheSame(reworded, `${reworded} today`)).toBe(true)
    expect(
      saysTheSame('Ready within 5 seconds of the press', 'Ready within 9 seconds of the press'),
    ).toBe(false)
    expect(saysTheSame('The card number is stored', 'The card number is not stored')).toBe(false)
    expect(saysTheSame('', 'anything')).toBe(false)
  })

  it('names every child that has one, and those that none has [STY-8]', () => {
    const children = [
      { acceptanceCriteria: ['B is so', 'A is so'] },
      { acceptanceCriteria: ['a is so'] },
    ]
    const whole = { acceptanceCriteria: ['A is so', 'C is so'] }
    expect(coverageOf(whole, children).map((row) => row.children)).toEqual([[0, 1], []])
    expect(lostCriteria(whole, children)).toEqual(['C is so'])
  })
})

describe('a story as text', () => {
  it.each([
    ['Acceptance Criteria', 'STLC notes', 'Test data'],
    ['קריטריוני קבלה', 'הערות STLC', 'נתוני בדיקה'],
    ['**תנאי קבלה:**', '## הערות STLC', '### נתונים'],
  ])('is read by its headings: %s, %s [STY-9]', (criteria, stlc, data) => {
    const text = `Export invoices\n\n${criteria}\n- One thing\n- Another\n\n${stlc}\nAll of it\n${data}\nTwo people`
    expect(readStoryText(text)).toMatchObject({
      summary: 'Export invoices',
      acceptanceCriteria: ['One thing', 'Another'],
      stlcNotes: { scope: 'All of it', data: 'Two people' },
    })
  })

  it('is none where no heading stands', () => {
    expect(readStoryText('just some words')).toBeUndefined()
  })
})

describe('words that are looked for', () => {
  it('are found as whole words, in Hebrew also with a prefix', () => {
    expect(findWord('a todo list', ['TODO'])).toBe('TODO')
    expect(findWord('mastodon', ['todo'])).toBeUndefined()
    expect(findWord('מסך קראינטואיטיבי', ['אינטואיטיבי'])).toBeUndefined()
    expect(findWord('מסך שאינטואיטיבי לכולם', ['אינטואיטיבי'])).toBe('אינטואיטיבי')
  })
})
