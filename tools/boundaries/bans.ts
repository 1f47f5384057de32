/** The parts of a syntax tree (ESTree) that the bans look at. */
export type Node = {
  readonly type: string
  readonly name?: string
  readonly value?: unknown
  readonly callee?: Node
  readonly property?: Node
  readonly key?: Node
  readonly left?: Node
  readonly right?: Node
  readonly arguments?: readonly Node[]
  readonly expressions?: readonly Node[]
}

/** Says why a node is banned and what to do instead, or undefined when it is not. */
export type Ban = (node: Node) => string | undefined

/** `{ shell: true }` of `node:child_process`. */
export const bannedProperty: Ban = ({ key, value }) => {
  if (key?.name !== 'shell' && key?.value !== 'shell') return undefined
  if (!isNode(value) || value.value !== true) return undefined
  return 'A shell reads its text as commands; start the program with a list of arguments.'
}

/** A regular expression or an SQL text that is put together from values. */
export const bannedCall: Ban = ({ callee, arguments: [first] = [] }) => {
  if (first === undefined || isConstant(first)) return undefined
  if (callee?.name === 'RegExp')
    return 'A pattern from a value can hang the process; write a literal, or compare strings.'
  if (callee?.property?.name === 'query' && isAssembled(first))
    return 'SQL put together from text is open to injection; pass the values as parameters.'
  return undefined
}

function isConstant(node: Node): boolean {
  if (node.type === 'Literal') return true
  if (node.type === 'TemplateLiteral') return node.expressions?.length === 0
  if (node.type !== 'BinaryExpression' || !node.left || !node.right) return false
  return isConstant(node.left) && isConstant(node.right)
}

function isAssembled(node: Node): boolean {
  return node.type === 'TemplateLiteral' || node.type === 'BinaryExpression'
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value
}
