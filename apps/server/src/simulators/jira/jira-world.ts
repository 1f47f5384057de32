import type { JsonObject } from '../json-value.ts'
import type { JiraField, JiraFlavour, JiraPerson, JiraProject } from './jira-catalog.ts'
import type { JiraState } from './jira-state.ts'

/** Everything that the routes of one simulated Jira know. */
export type JiraWorld = {
  readonly flavour: JiraFlavour
  /** With the context path, without a slash at the end. */
  readonly baseUrl: () => string
  readonly people: readonly JiraPerson[]
  readonly projects: readonly JiraProject[]
  readonly fields: readonly JiraField[]
  readonly fieldNames: 'en' | 'he'
  /**
   * Which calls tell what a create screen takes. `new`: the one per type. `both`: also the one of
   * old. `old`: only that. `none`: neither, as behind a hardening proxy.
   */
  readonly createMetadata: 'new' | 'both' | 'old' | 'none'
  /** Cloud and forks of its answers call lists of fields `values` or `results` as well. */
  readonly listMember: 'usual' | 'values' | 'results'
  readonly now: () => number
  readonly searchDelayMs: () => number
  readonly state: JiraState
}

/** A refusal in Jira's own shape. */
export class JiraRefusal extends Error {
  override readonly name = 'JiraRefusal'
  readonly status: number
  readonly body: JsonObject

  constructor(status: number, messages: string[], errors: Record<string, string> = {}) {
    super(messages.join(' '))
    this.status = status
    this.body = { errorMessages: messages, errors }
  }
}

export function apiRoot({ flavour, baseUrl }: JiraWorld): string {
  return `${baseUrl()}/rest/api/${flavour === 'dc' ? '2' : '3'}`
}

export function fieldName(world: JiraWorld, field: JiraField): string {
  return world.fieldNames === 'he' ? field.hebrewName : field.name
}

export function findPerson(world: JiraWorld, id: string): JiraPerson | undefined {
  return world.people.find(({ name, key, accountId }) =>
    world.flavour === 'dc' ? name === id || key === id : accountId === id,
  )
}

export function findProject(world: JiraWorld, idOrKey: string): JiraProject | undefined {
  const wanted = idOrKey.toUpperCase()
  return world.projects.find(({ id, key }) => id === idOrKey || key === wanted)
}

/** Jira's own form, like `2026-11-21T10:00:00.000+0000`. */
export function jiraTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '+0000')
}
