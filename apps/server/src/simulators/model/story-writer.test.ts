import { modelReply, type ModelReply, storyContent } from '@studioops/contracts/story-content'
import { brokenStoryRules } from '@studioops/contracts/story-rules'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { storyPrompt } from './served-model.test-data.ts'
import { readStoryPrompt } from './story-prompt.ts'
import { writeStory } from './story-writer.ts'

type Tags = Parameters<typeof storyPrompt>[1]

function write(requirement: string, tags: Tags = {}): ModelReply {
  const prompt = readStoryPrompt([storyPrompt(requirement, tags)])
  if (prompt === undefined) throw new Error('The prompt has no requirement.')
  return writeStory(prompt)
}

function story(requirement: string, tags: Tags = {}): Extract<ModelReply, { kind: 'story' }> {
  const reply = write(requirement, tags)
  if (reply.kind !== 'story') throw new Error(`It asks: ${reply.question}`)
  return reply
}

const formRules: ReadonlySet<string> = new Set([
  'summary.present',
  'summary.length',
  'summary.one-line',
  'criteria.present',
  'scenarios.present',
  'stlc.present',
])

describe('the story of the simulated model', () => {
  it.each(
    [
      [
        'Customers can save a Visa card at checkout so they can pay faster.',
        'a customer',
        'to save a Visa card at checkout',
        'I can pay faster',
      ],
      [
        'As a delivery lead, I want to export the sprint report so that I can share it',
        'a delivery lead',
        'to export the sprint report',
        'I can share it',
      ],
      [
        'Allow photographers to upload a gallery in order to sell prints',
        'a photographer',
        'to upload a gallery',
        'I can sell prints',
      ],
      [
        'Let our customers cancel an order within one hour',
        'a customer',
        'to cancel an order within one hour',
        expect.any(String),
      ],
      [
        'We need to send a reminder before each booking',
        expect.any(String),
        'the system to send a reminder before each booking',
        expect.any(String),
      ],
      [
        'The system must block orders above the limit',
        expect.any(String),
        'the system to block orders above the limit',
        expect.any(String),
      ],
      [
        'Add dark mode to the whole app',
        expect.any(String),
        'to have dark mode in the whole app',
        expect.any(String),
      ],
      [
        'Two-factor login for admins by SMS',
        expect.any(String),
        'to have two-factor login for admins by SMS',
        expect.any(String),
      ],
      [
        'A banner must be shown while stock is empty',
        expect.any(String),
        'to rely on this: A banner must be shown while stock is empty',
        expect.any(String),
      ],
    ].map(([requirement, asA, iWant, soThat]) => ({
      requirement,
      narrative: { asA, iWant, soThat },
    })),
  )('understands: $requirement', ({ requirement, narrative }) => {
    expect(story(String(requirement)).narrative).toEqual(narrative)
  })

  it.each(
    [
      [
        'לקוחות יכולים לשמור כרטיס ויזה בקופה כדי לשלם מהר',
        'חלק מציבור הלקוחות',
        'לשמור כרטיס ויזה בקופה',
        'אפשר יהיה לשלם מהר',
      ],
      [
        'בתור מנהלת סטודיו, אני רוצה לראות את ההזמנות כדי שאוכל לשבץ צוות',
        'מנהלת סטודיו',
        'לראות את ההזמנות',
        'אוכל לשבץ צוות',
      ],
      [
        'לאפשר לצלמים להעלות גלריה של תמונות',
        'חלק מציבור הצלמים',
        'להעלות גלריה של תמונות',
        expect.any(String),
      ],
      [
        'המערכת צריכה לשלוח תזכורת לפני כל תור',
        expect.any(String),
        'שהמערכת תדע לשלוח תזכורת לפני כל תור',
        expect.any(String),
      ],
      [
        'צריך להוסיף מצב כהה לכל האתר',
        expect.any(String),
        'לקבל מצב כהה לכל האתר',
        expect.any(String),
      ],
      [
        'אני רוצה לייצא את הדוח לאקסל',
        expect.any(String),
        'לייצא את הדוח לאקסל',
        expect.any(String),
      ],
      [
        'לקוחות מחו"ל בעמוד אחד',
        expect.any(String),
        'לקבל לקוחות מחו"ל בעמוד אחד',
        expect.any(String),
      ],
    ].map(([requirement, asA, iWant, soThat]) => ({
      requirement,
      narrative: { asA, iWant, soThat },
    })),
  )('understands Hebrew: $requirement', ({ requirement, narrative }) => {
    expect(story(String(requirement), { language: 'he' }).narrative).toEqual(narrative)
  })

  it('takes further sentences and list items over as criteria, word for word', () => {
    const { acceptanceCriteria } = story(
      'Customers can upload a photo.\n- up to 5 MB\n- PNG and JPEG',
    )
    expect(acceptanceCriteria).toEqual(expect.arrayContaining(['Up to 5 MB.', 'PNG and JPEG.']))
    expect(acceptanceCriteria.length).toBeGreaterThanOrEqual(5)
  })

  it('writes one scenario for each criterion, in that format only', () => {
    const requirement = 'Customers can upload a photo. It is shown at once.'
    const bdd = story(requirement, { format: 'bdd' })
    expect(bdd.scenarios).toHaveLength(bdd.acceptanceCriteria.length)
    expect(bdd.scenarios[0]).toEqual({
      name: 'The normal case',
      given: 'I am signed in as a customer',
      when: 'I upload a photo',
      then: 'it is done, and a confirmation says so',
    })
    expect(story(requirement).scenarios).toEqual([])
  })

  it('thinks of what goes with a subject', () => {
    const { acceptanceCriteria, stlcNotes } = story('Customers can save a Visa card')
    expect(acceptanceCriteria.join(' ')).toContain('last four digits')
    expect(stlcNotes.data).toContain('Test cards')
    expect(stlcNotes.environments).toContain('PAY')
  })

  it('estimates by what there is to do, also more than one story', () => {
    const points = [
      'Add dark mode to the whole app',
      'Customers can export the order list to Excel',
      'Customers can export the order list. It is sorted. It is filtered. It is sent by email.',
    ].map((requirement) => story(requirement).storyPoints)
    expect(points).toEqual([1, 2, 8])
  })

  it('cuts a long summary between words', () => {
    const { summary } = story(`Customers can search ${'very many old orders and '.repeat(20)}`)
    expect(summary).toMatch(/^Search very many.* (?:very|many|old|orders|and)…$/)
  })

  it('writes its own words in the language that is asked for, whatever the requirement is in', () => {
    const { narrative, stlcNotes } = story('Customers can pay by Visa card', { language: 'he' })
    expect(narrative.iWant).toBe('להסתמך על כך: Customers can pay by Visa card')
    expect(stlcNotes.exitCriteria).toMatch(/^[^A-Za-z]+$/)
  })

  it('says the same again', () => {
    expect(write('Customers can pay by Visa card')).toEqual(write('Customers can pay by Visa card'))
  })

  it('obeys the schema and every rule of form, whatever is typed', () => {
    const word = fc.oneof(
      fc.constantFrom(
        'customers',
        'can',
        'pay',
        'so that',
        'לקוחות',
        'יכולים',
        'לשלם',
        'כדי',
        '-',
        '\n',
        '.',
        'add',
      ),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
    )
    const requirement = fc
      .array(word, { minLength: 1, maxLength: 60 })
      .map((words) => words.join(' '))
      .filter((text) => text.trim() !== '' && !/[<&]/.test(text))
    const tags = fc.record({
      format: fc.constantFrom('classic' as const, 'bdd' as const),
      language: fc.constantFrom('en' as const, 'he' as const),
    })
    fc.assert(
      fc.property(requirement, tags, (text, given) => {
        const reply = modelReply.parse(write(text, { ...given, answers: ['Visa'] }))
        const story = storyContent.parse(reply)
        // Of noise nobody can make criteria that can be tested; the form holds all the same.
        const broken = brokenStoryRules({ story, ...given })
        expect(broken.filter((rule) => formRules.has(rule))).toEqual([])
      }),
      { numRuns: 200 },
    )
  })
})

describe('its questions', () => {
  it.each([
    ['Login page', 'en'],
    ['Better search now', 'en'],
    ['דף כניסה חדש', 'he'],
    ['Support one more card scheme at checkout', 'en'],
    ['תשלום בכרטיס אשראי באתר של הסטודיו', 'he'],
  ] as const)('asks about: %s', (requirement, language) => {
    const reply = write(requirement, { language })
    expect(reply).toMatchObject({ kind: 'clarify', question: expect.any(String) })
    expect(modelReply.parse(reply)).toEqual(reply)
  })

  it.each([
    ['Login page for admins', 'en'],
    ['Support the card scheme Visa at checkout', 'en'],
    ['Customers can save a card at checkout', 'en'],
    ['תשלום בכרטיס ישראכרט באתר של הסטודיו', 'he'],
    ['להציג את ההזמנות בכרטיסייה נפרדת', 'he'],
  ] as const)('does not ask about: %s', (requirement, language) => {
    expect(write(requirement, { language }).kind).toBe('story')
  })

  it('asks once: the answer becomes a part of the story', () => {
    const card = 'Support one more card scheme at checkout'
    const answered = story(card, { answers: ['Visa and Diners'] })
    expect(answered.acceptanceCriteria.join(' ')).toContain('Accepted cards: Visa and Diners.')
    const short = story('Login page', { answers: ['Customers can use login page on their own'] })
    expect(short.narrative).toMatchObject({
      asA: 'a customer',
      iWant: 'to use login page on their own',
    })
  })

  it('offers answers that make a story', () => {
    for (const [requirement, language] of [
      ['Login page', 'en'],
      ['דף כניסה', 'he'],
    ] as const) {
      const reply = write(requirement, { language })
      const options = reply.kind === 'clarify' ? reply.options : []
      expect(options).toHaveLength(3)
      const actors = options.map(
        (answer) => story(requirement, { language, answers: [answer] }).narrative.asA,
      )
      expect(new Set(actors).size).toBe(3)
    }
  })
})

describe('its corrections', () => {
  const current = story('Customers can save a Visa card at checkout. It is optional.', {
    format: 'bdd',
  })
  const refine = (instruction: string, language: 'en' | 'he' = 'en') =>
    story('Customers can save a Visa card', { instruction, language, currentStory: current })

  it.each([
    ['Make the summary shorter', 'en'],
    ['לקצר את התקציר', 'he'],
  ] as const)('%s', (instruction, language) => {
    const long = {
      ...current,
      summary: 'Save a Visa card at checkout for the next payment, with consent',
    }
    const refined = story('a', { instruction, language, currentStory: long })
    expect(refined).toEqual({ ...long, summary: 'Save a Visa card at checkout for the' })
  })

  it.each([
    ['Change the title to "Card on file"', 'en', 'Card on file'],
    ['לשנות את הכותרת ל"כרטיס שמור"', 'he', 'כרטיס שמור'],
  ] as const)('%s', (instruction, language, summary) => {
    expect(refine(instruction, language)).toEqual({ ...current, summary })
  })

  it.each([
    ['Set story points to 1', 'en'],
    ['1 נקודות', 'he'],
  ] as const)('%s', (instruction, language) => {
    expect(refine(instruction, language)).toEqual({ ...current, storyPoints: 1 })
  })

  it.each([
    ['Remove criterion 2', 'en'],
    ['להסיר את קריטריון 2', 'he'],
  ] as const)('%s', (instruction, language) => {
    expect(refine(instruction, language)).toEqual({
      ...current,
      acceptanceCriteria: current.acceptanceCriteria.toSpliced(1, 1),
      scenarios: current.scenarios.toSpliced(1, 1),
    })
  })

  it.each([
    ['Add a criterion that the card is masked', 'en', 'The card is masked.'],
    [
      'also mention expired cards',
      'en',
      'Expired cards: a message says what happens, and nothing that was typed is lost.',
    ],
    ['It has to work offline', 'en', 'It has to work offline.'],
    ['For customers abroad, show VAT', 'en', 'For customers abroad, show VAT.'],
    ['Remove criterion 99', 'en', 'Remove criterion 99.'],
    ['הוסיפו קריטריון: הכרטיס מוסתר', 'he', 'הכרטיס מוסתר.'],
    ['להוסיף קריטריון שהכרטיס מוסתר', 'he', 'הכרטיס מוסתר.'],
    ['שמירת קבלות לשבע שנים', 'he', 'שמירת קבלות לשבע שנים.'],
    ['שיהיה אפשר לעבוד ללא רשת', 'he', 'שיהיה אפשר לעבוד ללא רשת.'],
  ] as const)(
    '%s: becomes a criterion, and the rest stays to the letter',
    (instruction, language, added) => {
      const refined = refine(instruction, language)
      expect(refined).toEqual({
        ...current,
        acceptanceCriteria: [...current.acceptanceCriteria, added],
        scenarios: [...current.scenarios, expect.objectContaining({ then: added.slice(0, -1) })],
      })
    },
  )

  it('keeps what a person wrote by hand', () => {
    const edited = {
      ...current,
      narrative: { ...current.narrative, soThat: 'עריכה ידנית' },
      storyPoints: 2.5,
    }
    const { acceptanceCriteria, scenarios, ...rest } = story('a', {
      instruction: 'Add receipts',
      currentStory: edited,
    })
    expect({ ...edited, ...rest }).toEqual(edited)
    expect([acceptanceCriteria.length, scenarios.length]).toEqual([
      current.acceptanceCriteria.length + 1,
      current.scenarios.length + 1,
    ])
  })

  it('writes anew, then corrects, when there is no current story', () => {
    const refined = story('Customers can save a Visa card', { instruction: 'Set points to 1' })
    expect([refined.storyPoints, refined.narrative.asA]).toEqual([1, 'a customer'])
  })
})

describe('the prompt', () => {
  it('is a chat where no requirement is marked', () => {
    expect(readStoryPrompt(['Write a story about a card'])).toBeUndefined()
  })

  it('is read from the newest messages, escaped or not', () => {
    const prompt = readStoryPrompt([
      storyPrompt('first', { language: 'he', format: 'bdd' }),
      '<requirement>a &lt;b&gt; &amp;amp; c</requirement>',
      '<clarification><question>Which?</question><answer>A &amp; B</answer></clarification><clarification><answer>C</answer></clarification>',
    ])
    expect(prompt).toEqual({
      requirement: 'a <b> &amp; c',
      format: 'bdd',
      language: 'he',
      project: 'PAY',
      instruction: undefined,
      currentStory: undefined,
      wholeStory: undefined,
      pointsMax: 3,
      clarifications: [
        { question: 'Which?', answer: 'A & B' },
        { question: '', answer: 'C' },
      ],
    })
  })
})
