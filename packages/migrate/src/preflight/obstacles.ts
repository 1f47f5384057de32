import type { Node } from 'libpg-query'
import { type Fact, type FactKind, type Facts, nameOf, relationKinds } from '../catalog/fact.ts'
import { quoteName } from '../catalog/identifier.ts'
import { stableJson } from '../catalog/stable-json.ts'
import { parentOf } from '../inverse/object-words.ts'
import { objectTo, type Objection, type Place } from '../objection.ts'
import type { Parser } from '../text/parser.ts'
import type { PlanStep } from './plan-flow.ts'
import { preflightReasons } from './preflight-reasons.ts'
import { tableKeyOf } from './row-source.ts'

/** Objects that no migration made and that the plan would drop all the same. */
export type UndeclaredDrop = {
  readonly step: PlanStep
  /** Live object as SQL names it. */
  readonly object: string
  readonly fact: Fact
}

export type Obstacles = {
  readonly objections: readonly Objection[]
  readonly warnings: readonly Objection[]
  readonly drops: readonly UndeclaredDrop[]
}

/** Keeps account of what is there but not declared, and of what of it the plan runs into. */
export function createObstacles(options: {
  readonly expected: Facts
  readonly live: Facts
  readonly parser: Parser
  /** Schemas in which an unqualified name is looked up. */
  readonly searchPath: readonly string[]
}) {
  const { expected, live, parser, searchPath } = options
  const declared = new Set(expected.rows.map(({ key }) => key))
  const liveFacts = new Map(live.rows.map((fact) => [fact.key, fact]))
  const extras = new Map(
    live.rows
      .filter(({ key }) => !declared.has(key))
      .map((fact) => [spaceName(fact), fact] as const),
  )
  const objections: Objection[] = []
  const warnings: Objection[] = []
  const drops: UndeclaredDrop[] = []
  return {
    /** To be called for every step of the plan, in order. */
    look(step: PlanStep): void {
      if (extras.size === 0) return
      if (step.statement.kind === 'DropStmt')
        for (const fact of droppedExtras(nodeOf(step, parser), extras, searchPath)) {
          drops.push({ step, object: nameOf(fact), fact })
          forget(extras, fact)
        }
      const manner = () => mannerOf(nodeOf(step, parser))
      const found = clashesOf(step, { extras, liveFacts, manner })
      objections.push(...found.objections)
      warnings.push(...found.warnings)
      for (const { key } of step.observation.changes.added) extras.delete(key)
    },
    result: (): Obstacles => ({ objections, warnings, drops }),
  }
}

function nodeOf({ statement }: PlanStep, parser: Parser): Node | undefined {
  const parsed = parser.parse(statement.text)
  return parsed.kind === 'parsed' ? parsed.statements[0]?.stmt : undefined
}

type Manner = 'plain' | 'if-not-exists' | 'replace'

function mannerOf(node: Node | undefined): Manner {
  const text = JSON.stringify(node ?? {})
  if (text.includes('"replace":true')) return 'replace'
  return text.includes('"if_not_exists":true') || text.includes('"missing_ok":true')
    ? 'if-not-exists'
    : 'plain'
}

const typeKinds: ReadonlySet<FactKind> = new Set([
  'enum',
  'domain',
  'composite',
  'range',
  'base-type',
])

/** Where no two objects can stand under one name. */
function spaceName(fact: Pick<Fact, 'kind' | 'schema' | 'parent' | 'name'>): string {
  const space = relationKinds.has(fact.kind)
    ? 'relation'
    : typeKinds.has(fact.kind)
      ? 'type'
      : fact.kind
  const parent = fact.kind === 'index' ? '' : (fact.parent ?? '')
  return JSON.stringify([space, fact.schema ?? '', parent, fact.name])
}

function forget(extras: Map<string, Fact>, gone: Fact): void {
  const table = nameOf(gone)
  for (const [name, fact] of extras)
    if (fact === gone || (fact.parent !== undefined && parentOf(fact) === table))
      extras.delete(name)
}

type DropStmt = { readonly removeType?: string; readonly objects?: readonly Node[] }

/** DROP … IF EXISTS does nothing in the shadow, and something where the object is. */
function droppedExtras(
  node: Node | undefined,
  extras: ReadonlyMap<string, Fact>,
  searchPath: readonly string[],
): Fact[] {
  if (node === undefined || !('DropStmt' in node)) return []
  const { removeType = '', objects = [] } = node.DropStmt as DropStmt
  const space = removeType === 'OBJECT_TYPE' || removeType === 'OBJECT_DOMAIN' ? 'type' : 'relation'
  return objects.flatMap((object) => {
    const parts = namesOf(object)
    const name = parts.at(-1) ?? ''
    const schemas = parts.length > 1 ? parts.slice(-2, -1) : searchPath
    const found = schemas
      .map((schema) => extras.get(JSON.stringify([space, schema, '', name])))
      .find((fact) => fact !== undefined)
    return found === undefined ? [] : [found]
  })
}

function namesOf(node: Node): string[] {
  if ('List' in node) return (node.List.items ?? []).flatMap(namesOf)
  if ('TypeName' in node) return (node.TypeName.names ?? []).flatMap(namesOf)
  return 'String' in node ? [node.String.sval ?? ''] : []
}

type Ground = {
  readonly extras: ReadonlyMap<string, Fact>
  readonly liveFacts: ReadonlyMap<string, Fact>
  readonly manner: () => Manner
}

type Found = Pick<Obstacles, 'objections' | 'warnings'>

function clashesOf(step: PlanStep, ground: Ground): Found {
  const { added, removed } = step.observation.changes
  const made = added.filter(
    (fact) =>
      !removed.some(
        (one) =>
          one.kind === fact.kind &&
          one.address.oid === fact.address.oid &&
          one.address.column === fact.address.column,
      ),
  )
  const heads = made.filter((fact) => isHead(fact, made))
  const found = heads.flatMap((fact): Found[] => {
    const there = ground.extras.get(spaceName(fact))
    return there === undefined ? [] : [clash(fact, there, { ...ground, step, made })]
  })
  return {
    objections: found.flatMap(({ objections }) => objections),
    warnings: found.flatMap(({ warnings }) => warnings),
  }
}

/** Parts of a table that is made itself follow from it. */
function isHead(fact: Fact, made: readonly Fact[]): boolean {
  if (fact.kind === 'index' && fact.values['constraint'] !== undefined) return false
  if (fact.parent === undefined)
    return !(fact.kind === 'sequence' && fact.values['ownedBy'] !== undefined)
  const table = tableKeyOf(fact)
  const parent = parentOf(fact)
  return !made.some(
    ({ key }) => key === table || key === `domain ${parent}` || key === `view ${parent}`,
  )
}

type Clash = Ground & { readonly step: PlanStep; readonly made: readonly Fact[] }

function clash(fact: Fact, there: Fact, { liveFacts, step, made, ...ground }: Clash): Found {
  const at = placeAt(step, nameOf(fact))
  const manner = ground.manner()
  if (manner === 'replace')
    return { objections: [], warnings: [objectTo(preflightReasons.replacesOther, at)] }
  const differing = differencesOf(fact, there, { made, liveFacts })
  const detail = differing.join('; ')
  if (manner === 'plain') {
    const words = differing.length === 0 ? '' : ` (${detail})`
    return {
      objections: [objectTo(preflightReasons.inTheWay, at, { detail: words })],
      warnings: [],
    }
  }
  return differing.length === 0
    ? { objections: [], warnings: [objectTo(preflightReasons.alreadyThere, at)] }
    : { objections: [objectTo(preflightReasons.skipsOther, at, { detail })], warnings: [] }
}

/** What the object that is there lacks of the one that the statement would make. */
function differencesOf(
  fact: Fact,
  there: Fact,
  { made, liveFacts }: Pick<Clash, 'made' | 'liveFacts'>,
): string[] {
  if (fact.kind !== there.kind) return [`${fact.kind} → ${there.kind}`]
  const parts = made.filter((one) => one === fact || parentOf(one) === nameOf(fact))
  return parts.flatMap((part) => {
    const live = part === fact ? there : liveFacts.get(part.key)
    if (live === undefined)
      return part.kind === 'column' || part.kind === 'constraint'
        ? [`${part.kind} ${quoteName(part.name)} –`]
        : []
    return stableJson(live.values) === stableJson(part.values)
      ? []
      : [`${part.kind} ${quoteName(part.name)} ≠`]
  })
}

export function placeAt(
  { migration, statement }: Pick<PlanStep, 'migration' | 'statement'>,
  object: string,
): Place & { readonly statementNo: number } {
  return {
    migration: migration.source.id,
    file: migration.source.file,
    statementNo: statement.no,
    line: statement.line,
    column: statement.column,
    object,
  }
}
