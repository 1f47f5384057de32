import { newest, type StoredPage } from './confluence-state.ts'
import {
  ancestorsOf,
  ConfluenceRefusal,
  type ConfluenceWorld,
  maySee,
  personOf,
  type Viewer,
} from './confluence-world.ts'
import { wordsOf } from './storage-check.ts'

/** A page as the search index knows it: behind by a while. */
type Indexed = {
  readonly page: StoredPage
  readonly title: string
  readonly text: string
  readonly when: number
}

type Test = (indexed: Indexed, world: ConfluenceWorld) => boolean

/**
 * Pages that the index knows and the viewer may see, in the order that the query asks for.
 *
 * @throws ConfluenceRefusal 400 for what is no CQL
 */
export function searchPages(world: ConfluenceWorld, viewer: Viewer, cql: string): Indexed[] {
  const { test, order } = parse(cql)
  const found = world.state.pages
    .filter((page) => page.status === 'current' && maySee(world, viewer, page))
    .flatMap((page) => indexed(world, page) ?? [])
    .filter((one) => test(one, world))
  return order === undefined ? found : found.toSorted(order)
}

function indexed(world: ConfluenceWorld, page: StoredPage): Indexed | undefined {
  const known = page.versions.findLast(({ when }) => when + world.searchDelayMs <= world.now())
  if (known === undefined) return undefined
  const { title, storage, when } = known
  return { page, title, text: wordsOf(storage), when }
}

const lexeme =
  /\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[()!,]|<=|>=|!=|!~|[=~<>]|[^\s()=~<>!,"']+)/y

function lex(cql: string): string[] {
  const found: string[] = []
  lexeme.lastIndex = 0
  while (lexeme.lastIndex < cql.trimEnd().length) {
    const [, word] = lexeme.exec(cql) ?? []
    if (word === undefined) throw refused(cql)
    found.push(word)
  }
  return found
}

function refused(cql: string): ConfluenceRefusal {
  return new ConfluenceRefusal(400, `Could not parse cql : ${cql}`)
}

type Parsed = { test: Test; order: ((a: Indexed, b: Indexed) => number) | undefined }

function parse(cql: string): Parsed {
  const words = lex(cql)
  let at = 0
  const peek = () => words[at]?.toLowerCase()
  const take = () => {
    const word = words[at]
    if (word === undefined) throw refused(cql)
    at += 1
    return word
  }
  const takeIf = (word: string) => peek() === word && take() !== ''

  const disjunction = (): Test => {
    const tests = [conjunction()]
    while (takeIf('or')) tests.push(conjunction())
    return (one, world) => tests.some((test) => test(one, world))
  }
  const conjunction = (): Test => {
    const tests = [negation()]
    while (takeIf('and')) tests.push(negation())
    return (one, world) => tests.every((test) => test(one, world))
  }
  const negation = (): Test => {
    if (takeIf('not')) {
      const test = negation()
      return (one, world) => !test(one, world)
    }
    if (!takeIf('(')) return condition()
    const inner = disjunction()
    if (!takeIf(')')) throw refused(cql)
    return inner
  }
  const values = (): string[] => {
    if (!takeIf('(')) return [unquoted(take())]
    const list = [unquoted(take())]
    while (takeIf(',')) list.push(unquoted(take()))
    if (!takeIf(')')) throw refused(cql)
    return list
  }
  const condition = (): Test => {
    const field = take().toLowerCase()
    const isNot = takeIf('not')
    const operator = take().toLowerCase()
    const test = fieldTest(field, operator, values())
    if (test === undefined) throw refused(cql)
    return isNot ? (one, world) => !test(one, world) : test
  }

  const everything: Test = () => true
  const test = words.length === 0 || peek() === 'order' ? everything : disjunction()
  const order = takeIf('order') ? orderBy(take, takeIf) : undefined
  if (at < words.length) throw refused(cql)
  return { test, order }
}

function orderBy(take: () => string, takeIf: (word: string) => boolean) {
  take()
  const field = take().toLowerCase()
  const sign = takeIf('desc') ? -1 : 1
  takeIf('asc')
  return (a: Indexed, b: Indexed) =>
    sign * (field === 'title' ? a.title.localeCompare(b.title) : a.when - b.when)
}

function unquoted(word: string): string {
  return /^["']/.test(word) ? word.slice(1, -1).replaceAll(/\\(.)/g, '$1') : word
}

const readers: Readonly<Record<string, (one: Indexed, world: ConfluenceWorld) => string[]>> = {
  type: () => ['page'],
  space: ({ page }) => [page.spaceKey],
  'space.key': ({ page }) => [page.spaceKey],
  title: ({ title }) => [title],
  text: ({ text, title }) => [`${title} ${text}`],
  sitesearch: ({ text, title }) => [`${title} ${text}`],
  label: ({ page }) => page.labels,
  id: ({ page }) => [page.id],
  content: ({ page }) => [page.id],
  parent: ({ page }) => [page.parentId ?? ''],
  ancestor: ({ page }, world) => ancestorsOf(world, page).map(({ id }) => id),
  creator: ({ page }, world) => peopleIn(world, page.versions[0]?.by),
  contributor: ({ page }, world) => page.versions.flatMap(({ by }) => peopleIn(world, by)),
  lastmodified: ({ when }) => [new Date(when).toISOString()],
  created: ({ page }) => [new Date(page.versions[0]?.when ?? newest(page).when).toISOString()],
}

function peopleIn(world: ConfluenceWorld, key = ''): string[] {
  const person = personOf(world, key)
  return person === undefined ? [] : [person.name, person.key, person.accountId]
}

function fieldTest(field: string, operator: string, wanted: readonly string[]): Test | undefined {
  const read = readers[field]
  const compare = comparisons[operator]
  if (read === undefined || compare === undefined) return undefined
  return (one, world) => compare(read(one, world), wanted)
}

type Compare = (held: readonly string[], wanted: readonly string[]) => boolean

const isIn: Compare = (held, wanted) =>
  held.some((value) => wanted.some((other) => other.toLowerCase() === value.toLowerCase()))
const holds: Compare = (held, wanted) =>
  held.some((value) => wanted.every((words) => containsWords(value, words)))
const inOrder =
  (isRight: (held: string, wanted: string) => boolean): Compare =>
  (held, [wanted = '']) =>
    held.some((value) => isRight(value.slice(0, wanted.length), wanted))

const comparisons: Readonly<Record<string, Compare>> = {
  '=': isIn,
  in: isIn,
  '!=': (held, wanted) => !isIn(held, wanted),
  '~': holds,
  '!~': (held, wanted) => !holds(held, wanted),
  '>': inOrder((held, wanted) => held > wanted),
  '>=': inOrder((held, wanted) => held >= wanted),
  '<': inOrder((held, wanted) => held < wanted),
  '<=': inOrder((held, wanted) => held <= wanted),
}

/** Every word, in any order, as a whole word; `*` at its end for the beginning of one. */
function containsWords(text: string, wanted: string): boolean {
  const held = text.toLowerCase().split(/[^\p{L}\p{N}_]+/u)
  const words = wanted.toLowerCase().split(/[^\p{L}\p{N}_*]+/u)
  return words
    .filter((word) => word !== '')
    .every((word) =>
      word.endsWith('*')
        ? held.some((one) => one.startsWith(word.slice(0, -1)))
        : held.includes(word),
    )
}
