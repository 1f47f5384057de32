import { nameOf, type Fact, type FactKind } from '../catalog/fact.ts'
import { quoteName } from '../catalog/identifier.ts'

/** What SQL calls a kind of object in ALTER, DROP and COMMENT. */
const words: Readonly<Record<FactKind, string>> = {
  extension: 'extension',
  schema: 'schema',
  table: 'table',
  column: 'column',
  constraint: 'constraint',
  index: 'index',
  view: 'view',
  'materialized-view': 'materialized view',
  sequence: 'sequence',
  function: 'routine',
  trigger: 'trigger',
  rule: 'rule',
  policy: 'policy',
  enum: 'type',
  domain: 'domain',
  'domain-constraint': 'constraint',
  composite: 'type',
  range: 'type',
  'base-type': 'type',
  statistics: 'statistics',
  publication: 'publication',
  'event-trigger': 'event trigger',
  'foreign-data-wrapper': 'foreign data wrapper',
  'foreign-server': 'server',
  cast: 'cast',
  operator: 'operator',
  'operator-class': 'operator class',
  'operator-family': 'operator family',
  collation: 'collation',
  conversion: 'conversion',
  language: 'language',
  'text-search-configuration': 'text search configuration',
  'text-search-dictionary': 'text search dictionary',
  'text-search-parser': 'text search parser',
  'text-search-template': 'text search template',
  'default-privileges': 'default privileges',
  'security-label': 'security label',
}

/** Such as `foreign table`; aggregates and procedures are routines. */
export function wordOf({ kind, values }: Pick<Fact, 'kind' | 'values'>): string {
  return kind === 'table' && values['form'] === 'foreign' ? 'foreign table' : words[kind]
}

/** Qualified name of the table, view or domain that an object belongs to. */
export function parentOf({ schema, parent }: Pick<Fact, 'schema' | 'parent'>): string {
  return [schema, parent]
    .filter((part) => part !== undefined)
    .map(quoteName)
    .join('.')
}

/** How COMMENT and DROP address an object, such as `trigger a on public.t`. */
export function addressOf(fact: Fact): string {
  switch (fact.kind) {
    case 'constraint':
    case 'trigger':
    case 'rule':
    case 'policy':
      return `${wordOf(fact)} ${quoteName(fact.name)} on ${parentOf(fact)}`
    case 'domain-constraint':
      return `constraint ${quoteName(fact.name)} on domain ${parentOf(fact)}`
    case 'cast':
      return `cast (${fact.name})`
    default:
      return `${wordOf(fact)} ${nameOf(fact)}`
  }
}

/** Text of a field; empty where the object does not have it. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** A number or a word of a field, or what stands for its absence. */
export function settingOf(value: unknown, absent: string): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : absent
}

export function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : []
}
