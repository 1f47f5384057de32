type Typed = { readonly type: string }

/** A function for each kind of node. One that is missing is an error of types. */
type Handlers<Node extends Typed, Rest extends unknown[], Result> = {
  readonly [Type in Node['type']]: (
    node: Extract<Node, { readonly type: Type }>,
    ...rest: Rest
  ) => Result
}

/** @returns a function that treats a node as its kind is to be treated */
export function byType<Node extends Typed, Rest extends unknown[], Result>(
  handlers: Handlers<Node, Rest, Result>,
): (node: Node, ...rest: Rest) => Result {
  return someByType<Node, Rest, Result>(handlers, (...[{ type }]) => {
    throw new Error(`nothing is known of ${type}`)
  })
}

/** The same, where most kinds are treated alike. */
export function someByType<Node extends Typed, Rest extends unknown[], Result>(
  handlers: Partial<Handlers<Node, Rest, Result>>,
  otherwise: (node: Node, ...rest: Rest) => Result,
): (node: Node, ...rest: Rest) => Result {
  // That a function fits its node is what the table says, kind by kind.
  const known = handlers as Readonly<Partial<Record<string, typeof otherwise>>>
  return (node, ...rest) => (known[node.type] ?? otherwise)(node, ...rest)
}
