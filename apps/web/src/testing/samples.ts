import type { Account, Session } from '@studioops/contracts/accounts'
import type { SystemStatus } from '@studioops/contracts/health'
import type { Installation } from '@studioops/contracts/installation'

type Demo = NonNullable<Installation['demo']>
type Person = Demo['people'][number]

export const longAway = '2099-01-01T00:00:00.000Z'

export function anInstallation(more: Partial<Installation> = {}): Installation {
  return {
    mode: 'own',
    version: '0.1.0',
    jiraBaseUrls: ['https://jira.example.com'],
    sessionMinutes: 20,
    evaluationDatabase: false,
    registrationWays: ['jira_pat', 'invite'],
    passwordPolicy: 'composition',
    ...more,
  }
}

export function aPerson(more: Partial<Person> = {}): Person {
  return {
    employeeId: 'E1001',
    displayName: 'Dana Levi',
    title: { en: 'Delivery lead', he: 'ראש צוות' },
    token: 'token-of-dana',
    companyCookie: 'cookie-of-dana',
    confluenceToken: 'wiki-token-of-dana',
    trelloToken: 'board-token-of-dana',
    state: 'active',
    registered: false,
    ...more,
  }
}

export function aDemo(...people: readonly Partial<Person>[]): Demo {
  return {
    jiraUrl: 'http://localhost:8080/demo/jira',
    modelUrl: 'http://localhost:8080/demo/model/v1',
    modelKey: 'demo-key',
    modelName: 'studio-writer',
    confluenceUrl: 'http://localhost:8080/demo/confluence',
    trelloUrl: 'http://localhost:8080/demo/trello',
    trelloKey: 'demo-trello-key',
    people: people.length === 0 ? [aPerson()] : people.map(aPerson),
  }
}

export function anAccount(more: Partial<Account> = {}): Account {
  return {
    id: '6c1f1d0e-7d59-4d0c-9a53-0c8b5b1b8a11',
    employeeId: 'E1001',
    name: 'dlevi',
    displayName: 'Dana Levi',
    email: 'dana@example.com',
    role: 'owner',
    jiraUrl: 'https://jira.example.com',
    preferences: { theme: 'system', sidebar: { widthPx: 240, pinned: true } },
    isDemo: false,
    hasSecondFactor: false,
    ...more,
  }
}

/** What `GET /session` says to somebody who is signed in. */
export function aSession(more: Partial<Session> = {}): { readonly session: Session } {
  return {
    session: {
      account: anAccount(),
      idleEndsAt: longAway,
      absoluteEndsAt: longAway,
      mustSetUpSecondFactor: false,
      ...more,
    },
  }
}

export function aStatus(more: Partial<SystemStatus> = {}): SystemStatus {
  return {
    level: 'NORMAL',
    since: '2026-01-01T00:00:00.000Z',
    reasons: [],
    dependencies: [],
    ...more,
  }
}
