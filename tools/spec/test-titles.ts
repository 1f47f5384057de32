import { parseAst } from 'vitest/node'

/** A test that says which requirement it proves. */
export type Proof = {
  readonly id: string
  readonly file: string
  /** Titles from the outermost `describe` to the test. */
  readonly title: string
}

type Node = {
  readonly type: string
  readonly name?: string
  readonly value?: unknown
  readonly callee?: Node
  readonly tag?: Node
  readonly object?: Node
  readonly property?: Node
  readonly arguments?: readonly Node[]
  readonly quasis?: readonly { value: { cooked: string } }[]
}

/** `it.skip.each(…)` is the name `it` with the members `skip` and `each`. */
type Callee = { readonly name: string; readonly members: readonly string[] }

const groups = ['describe', 'suite']
const tests = ['it', 'test']
const notRun = ['skip', 'todo', 'fails']
const notTests = ['extend', 'beforeAll', 'beforeEach', 'afterAll', 'afterEach', 'aroundEach']
const idGroup = /\[([A-Z]+-\d+(?:\s*,\s*[A-Z]+-\d+)*)\]/g

/**
 * Finds the tests whose own title, or that of a group around them, names ids in brackets. A test that
 * is skipped, unfinished or expected to fail proves nothing.
 *
 * @throws Error naming the file where it is not TypeScript.
 */
export function findProofs(file: string, source: string): Proof[] {
  const proofs: Proof[] = []
  visit(parse(file, source), [], (titles) => {
    const title = titles.join(' > ')
    proofs.push(...[...new Set(idsIn(title))].map((id) => ({ id, file, title })))
  })
  return proofs
}

function parse(file: string, source: string): Node {
  try {
    return parseAst(source, { lang: file.endsWith('x') ? 'tsx' : 'ts' }) as unknown as Node
  } catch (cause) {
    throw new Error(`${file} cannot be read as TypeScript; correct it first.`, { cause })
  }
}

function idsIn(title: string): string[] {
  return [...title.matchAll(idGroup)].flatMap(([, ids = '']) => ids.split(/\s*,\s*/))
}

function visit(node: Node, above: readonly string[], found: (titles: string[]) => void): void {
  const call = readCall(node)
  if (call?.kind === 'nothing') return
  const titles = call === undefined ? [...above] : [...above, call.title]
  if (call?.kind === 'test') return found(titles)
  for (const child of childrenOf(node)) visit(child, titles, found)
}

function readCall(node: Node) {
  const callee = node.type === 'CallExpression' ? readCallee(node.callee) : undefined
  if (callee === undefined || isUnfinished(node, callee)) return undefined
  if (callee.members.some((member) => notRun.includes(member))) return { kind: 'nothing' as const }
  const title = textOf(node.arguments?.[0])
  if (groups.includes(callee.name)) return { kind: 'group' as const, title }
  return { kind: 'test' as const, title }
}

/** `it.each(table)` without its second call, and what a test object offers beside tests. */
function isUnfinished({ callee, arguments: given = [] }: Node, { members }: Callee): boolean {
  if (members.some((member) => notTests.includes(member))) return true
  const last = callee?.type === 'MemberExpression' ? members.at(-1) : undefined
  return given.length === 0 || ['each', 'for', 'skipIf', 'runIf'].includes(last ?? '')
}

function readCallee(node: Node | undefined): Callee | undefined {
  const members: string[] = []
  let at = node
  while (at !== undefined && at.type !== 'Identifier') {
    if (at.property?.name !== undefined) members.unshift(at.property.name)
    at = at.object ?? at.callee ?? at.tag
  }
  const name = at?.name
  if (name === undefined || ![...groups, ...tests].includes(name)) return undefined
  return { name, members }
}

function textOf(node: Node | undefined): string {
  if (typeof node?.value === 'string') return node.value
  return node?.quasis?.map(({ value }) => value.cooked).join('…') ?? '(computed)'
}

function childrenOf(node: Node): Node[] {
  return Object.values(node)
    .flat()
    .filter(
      (value): value is Node => typeof value === 'object' && value !== null && 'type' in value,
    )
}
