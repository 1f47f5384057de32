import type { Operation } from '@studioops/contracts/operations'

/** What the tests of this feature show. */
export function sampleOperation(changes: Partial<Operation> = {}): Operation {
  return {
    id: '2f4b8a52-7a31-4d5c-9a53-0c8b5b1b8a11',
    kind: 'jira.issue.create',
    system: 'jira',
    thing: 'issue',
    state: 'planned',
    title: 'כניסה עם קוד חד־פעמי (OTP)',
    target: 'PAY · https://jira.example.test/jira',
    storyId: '6c1f1d0e-7d59-4d0c-9a53-0c8b5b1b8a11',
    marker: 'so-abcdefghij',
    attempts: 0,
    createdAt: '2026-11-21T08:40:00.000Z',
    updatedAt: '2026-11-21T08:40:00.000Z',
    ...changes,
  }
}
