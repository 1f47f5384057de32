/** Any node of a syntax tree as the parser gives it. */
type Tree = string | number | boolean | null | readonly Tree[] | { readonly [name: string]: Tree }
type Fields = { readonly [name: string]: Tree }

/**
 * Gives a text that is equal for two definitions that mean the same although PostgreSQL prints them
 * differently, for example before and after a dump. Undefined where the text is not SQL.
 *
 * Only spellings that PostgreSQL itself makes are united: parentheses of AND and OR chains, the cast
 * of an array against casts of its elements, and the two homes of `gen_random_uuid`. No cast and no
 * qualifier is dropped, because those can change the meaning.
 */
export type Canonicalise = (field: string, text: string) => string | undefined

/** Loads PostgreSQL's parser, which takes longer than a comparison does. */
export async function loadCanonicaliser(): Promise<Canonicalise> {
  const { loadModule, parseSync } = await import('libpg-query')
  await loadModule()
  return (field, text) => {
    const wrapped = wrap(field, text)
    if (wrapped === undefined) return undefined
    try {
      return JSON.stringify(canonical(parseSync(wrapped) as unknown as Tree))
    } catch {
      return undefined
    }
  }
}

/** Statements around the parts that the catalog prints, so that the parser takes them. */
function wrap(field: string, text: string): string | undefined {
  switch (field) {
    case 'definition':
      if (/^(check|foreign key|primary key|unique|exclude)\b/i.test(text))
        return `alter table t add constraint c ${text}`
      return text
    case 'default':
    case 'using':
    case 'check':
      return `select ${text}`
    default:
      return undefined
  }
}

function canonical(tree: Tree): Tree {
  if (Array.isArray(tree)) return tree.map(canonical)
  if (typeof tree !== 'object' || tree === null) return tree
  const node = Object.fromEntries(
    Object.entries(tree as Fields).flatMap(([name, value]): [string, Tree][] =>
      places.has(name) ? [] : [[name, canonical(value)]],
    ),
  )
  if (isNode(node['BoolExpr'])) return { BoolExpr: flatten(node['BoolExpr']) }
  if (isNode(node['TypeCast'])) return distribute(node['TypeCast']) ?? node
  if (isNode(node['FuncCall'])) return { FuncCall: coreUuid(node['FuncCall']) }
  return node
}

const places = new Set([
  'location',
  'list_start',
  'list_end',
  'stmt_len',
  'stmt_location',
  'version',
])

function flatten(node: Fields): Fields {
  const { boolop, args } = node
  if (boolop === 'NOT_EXPR' || !Array.isArray(args)) return node
  return {
    ...node,
    args: args.flatMap((arg: Tree) => {
      const inner = isNode(arg) ? arg['BoolExpr'] : undefined
      return isNode(inner) && inner['boolop'] === boolop && Array.isArray(inner['args'])
        ? (inner['args'] as readonly Tree[])
        : [arg]
    }),
  }
}

/** `(ARRAY[a, b])::t[]` as `ARRAY[a::t, b::t]`. */
function distribute({ arg, typeName }: Fields): Fields | undefined {
  const array = isNode(arg) ? arg['A_ArrayExpr'] : undefined
  if (!isNode(array) || !isNode(typeName)) return undefined
  const { elements } = array
  const { arrayBounds, ...element } = typeName
  if (!Array.isArray(elements) || !Array.isArray(arrayBounds) || arrayBounds.length !== 1)
    return undefined
  const cast = elements.map((inner: Tree) => ({ TypeCast: { arg: inner, typeName: element } }))
  return { A_ArrayExpr: { ...array, elements: cast } }
}

/** pgcrypto had this function before PostgreSQL did; both draw the same kind of number. */
function coreUuid(node: Fields): Fields {
  const { funcname, args } = node
  const last: Tree | undefined = Array.isArray(funcname)
    ? (funcname as readonly Tree[]).at(-1)
    : undefined
  if (args !== undefined || JSON.stringify(last) !== '{"String":{"sval":"gen_random_uuid"}}')
    return node
  return { ...node, funcname: last === undefined ? [] : [last] }
}

function isNode(tree: Tree | undefined): tree is Fields {
  return typeof tree === 'object' && tree !== null && !Array.isArray(tree)
}
