import type { Language } from '@studioops/contracts/installation'
import type { Operation } from '@studioops/contracts/operations'
import type { PayloadPreview, Story, StoryVersion } from '@studioops/contracts/stories'
import type { StoryContent } from '@studioops/contracts/story-content'
import { defaultRules } from '@studioops/contracts/story-rules'

// oxlint-disable unicorn/no-thenable -- `then` is a step of a scenario, as the wire calls it; a text is never awaited.

/** What the tests of this feature show. */

export const sampleStoryId = '6c1f1d0e-7d59-4d0c-9a53-0c8b5b1b8a11'
export const sampleRunId = '0b1f6a52-7a31-4d5c-9a53-0c8b5b1b8a11'

const contents: Record<Language, StoryContent> = {
  en: {
    summary: 'Sign in with a one-time code',
    narrative: {
      asA: 'an employee',
      iWant: 'to sign in with a code from my phone',
      soThat: 'a stolen password is not enough',
    },
    acceptanceCriteria: [
      'A code of six digits is asked for after the password.',
      'A wrong code is refused with a sentence that says what to do.',
      'After five wrong codes the account waits for 10 minutes.',
    ],
    scenarios: [
      {
        name: 'Right code',
        given: 'a person with a registered phone',
        when: 'the right code is typed within 30 seconds',
        then: 'the dashboard opens',
      },
    ],
    stlcNotes: {
      scope: 'Sign-in page and session service.',
      data: 'Two test users, one without a phone.',
      environments: 'Staging with the simulated SMS gateway.',
      cases: 'Right code, wrong code, late code, five wrong codes.',
      entryCriteria: 'The gateway answers in staging.',
      exitCriteria: 'All cases pass twice in a row.',
    },
    storyPoints: 3,
  },
  he: {
    summary: 'כניסה עם קוד חד־פעמי (OTP)',
    narrative: {
      asA: 'עובדת בחברה',
      iWant: 'להיכנס בעזרת קוד מהטלפון',
      soThat: 'סיסמה גנובה לא תספיק',
    },
    acceptanceCriteria: [
      'אחרי הסיסמה מתבקש קוד בן שש ספרות.',
      'קוד שגוי נדחה עם משפט שאומר מה לעשות.',
      'אחרי חמישה קודים שגויים החשבון ננעל ל־10 דקות.',
    ],
    scenarios: [
      {
        name: 'קוד נכון',
        given: 'משתמש עם טלפון רשום',
        when: 'הקוד הנכון מוקלד בתוך 30 שניות',
        then: 'לוח הבקרה נפתח',
      },
    ],
    stlcNotes: {
      scope: 'דף הכניסה ושירות ה־session.',
      data: 'שני משתמשי בדיקה, אחד ללא טלפון.',
      environments: 'סביבת staging עם סימולטור SMS.',
      cases: 'קוד נכון, שגוי, מאוחר וחמישה שגויים.',
      entryCriteria: 'השער עונה ב־staging.',
      exitCriteria: 'כל המקרים עוברים פעמיים ברצף.',
    },
    storyPoints: 3,
  },
}

export function sampleContent(language: Language = 'en'): StoryContent {
  return structuredClone(contents[language])
}

export function sampleVersion(changes: Partial<StoryVersion> = {}): StoryVersion {
  return {
    number: 1,
    source: 'model',
    model: 'demo-small',
    content: sampleContent(),
    brokenRules: [],
    edits: { fields: [], criteria: [], removed: [], scenarios: [] },
    keptEdits: [],
    createdAt: '2026-11-21T08:31:00.000Z',
    ...changes,
  }
}

export function samplePreview(changes: Partial<PayloadPreview> = {}): PayloadPreview {
  const { summary } = sampleContent()
  return {
    payloadHash: 'sha256-1',
    projectKey: 'PAY',
    isCreated: true,
    children: [],
    joins: [],
    issueType: 'Story',
    summary,
    description: [
      'As an employee I want to sign in with a code from my phone.',
      '## Acceptance Criteria',
      '- A code of six digits is asked for after the password.',
      '## STLC notes',
      '**Scope**: Sign-in page and session service.',
    ].join('\n\n'),
    rawDescription: 'h2. Acceptance Criteria\n* A code of six digits',
    rawFormat: 'wiki',
    fields: [{ name: 'Story Points', value: '3' }],
    labels: ['so-abcdefghij'],
    asked: [],
    notes: [],
    account: 'נועה לוי',
    jiraUrl: 'https://jira.example.test/jira',
    ...changes,
  }
}

export function sampleStory(changes: Partial<Story> = {}): Story {
  return {
    id: sampleStoryId,
    state: 'new',
    title: '',
    requirement: 'People sign in with a code from their phone',
    format: 'classic',
    language: 'en',
    projectKey: 'PAY',
    issueType: 'Story',
    createdAt: '2026-11-21T08:29:00.000Z',
    updatedAt: '2026-11-21T08:30:00.000Z',
    versions: [],
    prompt: 'default',
    extras: { labels: [], components: [], links: [], splitUnder: 'parent' },
    rules: [...defaultRules],
    checks: [],
    issues: [],
    ...changes,
  }
}

/** A story with a written version, ready to be approved. */
export function sampleDraft(changes: Partial<Story> = {}): Story {
  return sampleStory({
    state: 'draft',
    title: sampleContent().summary,
    versions: [sampleVersion()],
    preview: samplePreview(),
    ...changes,
  })
}

export function sampleOperation(changes: Partial<Operation> = {}): Operation {
  return {
    id: '2f4b8a52-7a31-4d5c-9a53-0c8b5b1b8a11',
    kind: 'jira.issue.create',
    state: 'planned',
    title: sampleContent().summary,
    target: 'PAY · https://jira.example.test/jira',
    storyId: sampleStoryId,
    marker: 'so-abcdefghij',
    attempts: 0,
    createdAt: '2026-11-21T08:40:00.000Z',
    updatedAt: '2026-11-21T08:40:00.000Z',
    ...changes,
  }
}
