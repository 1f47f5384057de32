import { createHash } from 'node:crypto'
import { memberText, type JsonObject } from '../json-value.ts'
import {
  issueTypes,
  priorities,
  statuses,
  type JiraField,
  type JiraPerson,
} from './jira-catalog.ts'
import {
  parseJql,
  refuse,
  type Condition,
  type Jql,
  type JqlOperator,
  type Ordering,
} from './jira-jql.ts'
import { findIssue, plainText, type StoredIssue } from './jira-state.ts'
import { fieldName, findPerson, findProject, JiraRefusal, type JiraWorld } from './jira-world.ts'

export type SearchRequest = {
  readonly jql: string
  /** Data Center: false answers a wrong value with a warning and no issues. */
  readonly validates: boolean
  readonly asker: JiraPerson
}

/**
 * @returns all issues that the index already knows, in order
 * @throws JiraRefusal 400
 */
export function searchIssues(
  world: JiraWorld,
  { jql, validates, asker }: SearchRequest,
  reconcile: readonly string[] = [],
): { issues: StoredIssue[]; warnings: string[] } {
  const query = parseJql(jql)
  const warnings: string[] = []
  const warn = (text: string): void => {
    if (validates) throw refuse(text)
    warnings.push(text)
  }
  const matches = compile(query.where, { world, asker, warn })
  const compare = compileOrder(query, { world, asker, warn })
  const horizon = world.now() - world.searchDelayMs()
  const issues = world.state.issues
    .filter((issue) => issue.created <= horizon || reconcile.includes(issue.id))
    .filter(matches)
    .toSorted(compare)
  return { issues, warnings }
}

/** @throws JiraRefusal 400, as Jira Cloud refuses a query without a restriction */
export function requireBounded(jql: string): void {
  const { where, orderBy } = parseJql(jql)
  if (where === undefined)
    throw refuse(
      'Unbounded JQL queries are not allowed here. Please add a search restriction to your query.',
    )
  if (orderBy.length > 7) throw refuse('At most 7 fields may be used to order a search.')
}

type Compiling = {
  readonly world: JiraWorld
  readonly asker: JiraPerson
  readonly warn: (text: string) => void
}

type Matcher = (issue: StoredIssue) => boolean

function compile(condition: Condition | undefined, compiling: Compiling): Matcher {
  if (condition === undefined) return () => true
  switch (condition.kind) {
    case 'and': {
      const parts = condition.parts.map((part) => compile(part, compiling))
      return (issue) => parts.every((part) => part(issue))
    }
    case 'or': {
      const parts = condition.parts.map((part) => compile(part, compiling))
      return (issue) => parts.some((part) => part(issue))
    }
    case 'not': {
      const part = compile(condition.part, compiling)
      return (issue) => !part(issue)
    }
    case 'clause':
      return compileClause(condition, compiling)
  }
}

type Clause = Extract<Condition, { kind: 'clause' }>

/** How one field takes part in searches. */
type Searchable = {
  readonly operators: 'exact' | 'text' | 'date' | 'number'
  /** What an issue holds: exact values, words or a number. */
  readonly read: (issue: StoredIssue) => readonly (string | number)[]
  /** The stored form of a value in a query; undefined when there is no such thing. */
  readonly resolve?: (value: string, compiling: Compiling) => string | undefined
  readonly missing?: (value: string) => string
  readonly compare?: Comparer
}

const exactOperators = ['=', '!=', 'in', 'not in', 'is empty', 'is not empty']
const allowedOperators: Readonly<Record<Searchable['operators'], readonly string[]>> = {
  exact: exactOperators,
  text: ['~', '!~', 'is empty', 'is not empty'],
  date: [...exactOperators, '>', '>=', '<', '<='],
  number: [...exactOperators, '>', '>=', '<', '<='],
}

function compileClause(clause: Clause, compiling: Compiling): Matcher {
  const { field, operator, values } = clause
  const searchable = findSearchable(field, compiling.world)
  if (searchable === undefined) {
    compiling.warn(`Field '${field}' does not exist or you do not have permission to view it.`)
    return () => false
  }
  if (!allowedOperators[searchable.operators].includes(operator))
    throw refuse(`The operator '${operator}' is not supported by the '${field}' field.`)
  if (operator === 'is empty') return (issue) => searchable.read(issue).length === 0
  if (operator === 'is not empty') return (issue) => searchable.read(issue).length > 0
  return searchable.operators === 'text'
    ? compileText(clause, searchable)
    : compileValue(
        { ...clause, values: resolveValues({ field, values }, searchable, compiling) },
        searchable,
      )
}

function resolveValues(
  { field, values }: { field: string; values: readonly string[] },
  searchable: Searchable,
  compiling: Compiling,
): string[] {
  return values.flatMap((value) => {
    const resolved = searchable.resolve === undefined ? value : searchable.resolve(value, compiling)
    if (resolved !== undefined) return [resolved]
    compiling.warn(
      searchable.missing?.(value) ??
        `The value '${value}' does not exist for the field '${field}'.`,
    )
    return []
  })
}

function compileValue({ operator, values }: Clause, { read }: Searchable): Matcher {
  const test = comparisons[operator]
  if (test !== undefined) {
    const wanted = Number(values[0])
    return (issue) => read(issue).some((value) => test(Number(value) - wanted))
  }
  const holds: Matcher = (issue) => read(issue).some((value) => values.includes(String(value)))
  return operator === '=' || operator === 'in'
    ? holds
    : (issue) => read(issue).length > 0 && !holds(issue)
}

const comparisons: Partial<Record<JqlOperator, (difference: number) => boolean>> = {
  '>': (difference) => difference > 0,
  '>=': (difference) => difference >= 0,
  '<': (difference) => difference < 0,
  '<=': (difference) => difference <= 0,
}

/** All words of the value must occur; words in inner quotes one after the other; `*` at the end. */
function compileText({ operator, values }: Clause, { read }: Searchable): Matcher {
  const phrases = readPhrases(values[0] ?? '')
  const matches: Matcher = (issue) =>
    read(issue).some((text) => {
      const words = wordsOf(String(text))
      return phrases.length > 0 && phrases.every((phrase) => holdsPhrase(words, phrase))
    })
  return operator === '~' ? matches : (issue) => !matches(issue)
}

function readPhrases(value: string): string[][] {
  return [...value.matchAll(/"([^"]+)"|(\S+)/g)]
    .map(([, phrase, word]) => wordsOf(phrase ?? word ?? '', true))
    .filter((words) => words.length > 0)
}

function wordsOf(text: string, keepsStar = false): string[] {
  const pattern = keepsStar ? /[\p{L}\p{N}\p{M}]+\*?/gu : /[\p{L}\p{N}\p{M}]+/gu
  return text.normalize('NFKC').toLowerCase().match(pattern) ?? []
}

function holdsPhrase(words: readonly string[], phrase: readonly string[]): boolean {
  return words.some((_word, start) =>
    phrase.every((wanted, offset) => {
      const word = words[start + offset]
      if (word === undefined) return false
      return wanted.endsWith('*') ? word.startsWith(wanted.slice(0, -1)) : word === wanted
    }),
  )
}

function findSearchable(name: string, world: JiraWorld): Searchable | undefined {
  const wanted = name.toLowerCase()
  const standard = standardFields[wanted]
  if (standard !== undefined) return standard(world)
  const field = world.fields.find(
    (one) =>
      one.id.startsWith('customfield_') &&
      [...one.clauseNames, one.id, fieldName(world, one)].some((n) => n.toLowerCase() === wanted),
  )
  return field === undefined ? undefined : searchableCustom(field)
}

function searchableCustom(field: JiraField): Searchable {
  const read = (issue: StoredIssue): (string | number)[] => {
    const value = issue.custom[field.id]
    if (typeof value === 'string' || typeof value === 'number') return [value]
    return [memberText(value, 'id')].filter((id) => id !== '')
  }
  if (field.kind === 'number') return { operators: 'number', read }
  if (field.kind === 'text') return { operators: 'text', read }
  return {
    operators: 'exact',
    read,
    resolve: (value) =>
      field.options === undefined
        ? value.toUpperCase()
        : field.options.find((option) => option.id === value || option.value === value)?.id,
  }
}

const text = (read: (issue: StoredIssue) => string): Searchable => ({
  operators: 'text',
  read: (issue) => [read(issue)].filter((one) => one !== ''),
})

const person = (read: (issue: StoredIssue) => string | undefined): Searchable => ({
  operators: 'exact',
  read: (issue) => [read(issue)].filter((key) => key !== undefined),
  resolve: (value, { world, asker }) =>
    value.toLowerCase() === 'currentuser()' ? asker.key : findPerson(world, value)?.key,
})

const date = (read: (issue: StoredIssue) => number): Searchable => ({
  operators: 'date',
  read: (issue) => [read(issue)],
  resolve: (value, { world }) => readDate(value, world.now()),
  missing: (value) =>
    `Date value '${value}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'.`,
})

const named = (
  list: readonly { readonly id: string; readonly name: string }[],
  read: (issue: StoredIssue) => string,
): Searchable => ({
  operators: 'exact',
  read: (issue) => [read(issue)],
  resolve: (value) =>
    list.find(({ id, name }) => id === value || name.toLowerCase() === value.toLowerCase())?.id,
})

const key = (world: JiraWorld): Searchable => ({
  operators: 'date',
  read: (issue) => [issue.id],
  resolve: (value) => findIssue(world.state, value)?.id,
  missing: (value) => `An issue with key '${value}' does not exist for field 'key'.`,
  compare: (left, right) =>
    left.projectKey.localeCompare(right.projectKey) || Number(left.id) - Number(right.id),
})

/** A deliberately simple form of Jira's own search: no history, no functions but `currentUser()`. */
const standardFields: Readonly<Record<string, (world: JiraWorld) => Searchable>> = {
  project: () => ({
    operators: 'exact',
    read: (issue) => [issue.projectKey],
    resolve: (value, { world }) =>
      (findProject(world, value) ?? world.projects.find(({ name }) => name === value))?.key,
  }),
  key,
  issuekey: key,
  issue: key,
  id: key,
  labels: () => ({ operators: 'exact', read: (issue) => issue.labels }),
  summary: () => text((issue) => issue.summary),
  description: () => text((issue) => plainText(issue.description)),
  comment: () => text((issue) => issue.comments.map(({ body }) => plainText(body)).join('\n')),
  text: () =>
    text((issue) =>
      [
        issue.summary,
        plainText(issue.description),
        ...issue.comments.map(({ body }) => plainText(body)),
      ].join('\n'),
    ),
  issuetype: () => named(issueTypes, (issue) => issue.issueTypeId),
  type: () => named(issueTypes, (issue) => issue.issueTypeId),
  priority: () => named(priorities, (issue) => issue.priorityId),
  status: () => named(statuses, (issue) => issue.statusId),
  reporter: () => person((issue) => issue.reporter),
  creator: () => person((issue) => issue.creator),
  assignee: () => person((issue) => issue.assignee),
  parent: (world) => ({
    operators: 'exact',
    read: (issue) => [issue.parentKey].filter((one) => one !== undefined),
    resolve: (value) => findIssue(world.state, value)?.key,
  }),
  statuscategory: () =>
    named(
      statuses.map(({ id, category }) => ({ id, name: category.name })),
      (issue) => issue.statusId,
    ),
  sprint: () => ({
    operators: 'exact',
    read: (issue) => (issue.sprintId === undefined ? [] : [issue.sprintId]),
  }),
  issuelinktype: (world) => ({
    operators: 'exact',
    read: ({ key: own }) =>
      world.state.links
        .filter(({ inwardKey, outwardKey }) => inwardKey === own || outwardKey === own)
        .map(({ typeId }) => typeId),
  }),
  created: () => date((issue) => issue.created),
  createddate: () => date((issue) => issue.created),
  updated: () => date((issue) => issue.updated),
  updateddate: () => date((issue) => issue.updated),
}

const periodMs: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

function readDate(value: string, now: number): string | undefined {
  const period = /^(-?)(?:\d+[mhdw]\s*)+$/.exec(value.trim())
  if (period !== null) {
    const parts = [...value.matchAll(/(\d+)([mhdw])/g)]
    const sum = parts.reduce(
      (total, [, n, unit]) => total + Number(n) * (periodMs[unit ?? ''] ?? 0),
      0,
    )
    return String(period[1] === '-' ? now - sum : now + sum)
  }
  const match = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:\s+(\d{1,2}):(\d{2}))?$/.exec(value.trim())
  if (match === null) return undefined
  const [year, month, day, hour, minute] = match.slice(1).map((part) => Number(part ?? 0))
  return String(Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute))
}

type Comparer = (left: StoredIssue, right: StoredIssue) => number

function compileOrder({ orderBy }: Jql, compiling: Compiling): Comparer {
  const newestFirst: Comparer = (left, right) => Number(right.id) - Number(left.id)
  const comparers = orderBy.map((ordering) => compileOrdering(ordering, compiling))
  return (left, right) => {
    for (const compare of comparers) {
      const order = compare(left, right)
      if (order !== 0) return order
    }
    return newestFirst(left, right)
  }
}

function compileOrdering({ field, direction }: Ordering, { world, warn }: Compiling): Comparer {
  const searchable = findSearchable(field, world)
  if (searchable === undefined) {
    warn(`Field '${field}' does not exist or you do not have permission to view it.`)
    return () => 0
  }
  const sign = direction === 'asc' ? 1 : -1
  const { compare } = searchable
  if (compare !== undefined) return (left, right) => sign * compare(left, right)
  return (left, right) => {
    const [one, other] = [searchable.read(left)[0] ?? '', searchable.read(right)[0] ?? '']
    const order = isNumeric(searchable)
      ? Number(one) - Number(other)
      : String(one).localeCompare(String(other))
    return sign * order
  }
}

function isNumeric({ operators }: Searchable): boolean {
  return operators === 'date' || operators === 'number'
}

/** The token of Cloud's next page belongs to one query. */
export function writePageToken(jql: string, offset: number): string {
  return Buffer.from(JSON.stringify([fingerprint(jql), offset])).toString('base64url')
}

/** @throws JiraRefusal 400 */
export function readPageToken(jql: string, token: string | undefined): number {
  if (token === undefined || token === '') return 0
  try {
    const [mark, offset] = JSON.parse(Buffer.from(token, 'base64url').toString()) as unknown[]
    if (mark === fingerprint(jql) && typeof offset === 'number') return offset
  } catch {
    // A token that cannot be read is refused like one of another query.
  }
  throw new JiraRefusal(400, ['The provided next page token is invalid or expired.'])
}

function fingerprint(jql: string): string {
  return createHash('sha256').update(jql).digest('base64url').slice(0, 12)
}

export function presentNames(world: JiraWorld): JsonObject {
  return Object.fromEntries(world.fields.map((field) => [field.id, fieldName(world, field)]))
}
