import { nameOf, type Fact } from '../catalog/fact.ts'
import { quoteName } from '../catalog/identifier.ts'
import { defaultPrivilegesSql } from './environment-sql.ts'
import { addressOf, parentOf } from './object-words.ts'

/** Removes one object and nothing that depends on it. */
export function dropSql(fact: Fact): string[] {
  switch (fact.kind) {
    case 'column':
      return [`alter table ${parentOf(fact)} drop column ${quoteName(fact.name)}`]
    case 'constraint':
      return [`alter table ${parentOf(fact)} drop constraint ${quoteName(fact.name)}`]
    case 'domain-constraint':
      return [`alter domain ${parentOf(fact)} drop constraint ${quoteName(fact.name)}`]
    case 'default-privileges':
      return defaultPrivilegesSql(fact, undefined)
    case 'security-label':
      return []
    case 'operator':
      return [`drop operator ${nameOf(fact)}`]
    default:
      return [`drop ${addressOf(fact)}`]
  }
}
