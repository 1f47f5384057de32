import type { Tool as ListedTool } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { ToolRefusal } from './tool-refusal.ts'

/** What a call does to the system outside. `destroy` cannot be taken back in the system itself. */
export type ToolEffect = 'read' | 'write' | 'destroy'

/**
 * How a tool keeps to the projects, spaces or boards that whoever started the server allows:
 * by the keys that its arguments name; by itself, with `context.allowed`; or it touches none.
 */
export type ToolScope<Args> = 'none' | 'own' | ((args: Args) => readonly string[])

export type ToolContext = {
  /** Aborted when the caller stops or goes away. */
  readonly signal: AbortSignal
  /** Keys of the projects, spaces or boards that may be touched; undefined: every one. */
  readonly allowed: readonly string[] | undefined
  /**
   * For keys that only an answer tells, such as the board of a card.
   * @throws ToolRefusal `mcp.outside-filter`
   */
  readonly requireAllowed: (key: string) => void
  /** Tells a caller who wants to know how far a long call is. */
  progress(done: number, total: number, message?: string): Promise<void>
}

/** What the owner of a tool writes down. */
export type ToolDeclaration<Client, I extends z.ZodObject, O extends z.ZodObject> = {
  readonly name: string
  /** In words, for people. */
  readonly title: string
  /** For a model; at most 2,000 characters. */
  readonly description: string
  /** Group that can be switched on and off as a whole, such as `issues`. */
  readonly toolset: string
  readonly effect: ToolEffect
  /** Whether a second call with the same arguments changes nothing more; default: reads do. */
  readonly idempotent?: boolean
  readonly scope: ToolScope<z.output<I>>
  /** Argument names and types as `external-apis.md` 12 has them; every argument described. */
  readonly input: I
  /** The shape of the result; what it does not name is left out of the answer. */
  readonly output: O
  /** True: a result that is too long is refused, not shortened, such as the bytes of a file. */
  readonly whole?: boolean
  readonly run: (
    client: Client,
    args: z.output<I>,
    context: ToolContext,
  ) => Promise<z.input<O>> | z.input<O>
}

type Shown = Pick<
  ToolDeclaration<never, z.ZodObject, z.ZodObject>,
  'name' | 'title' | 'toolset' | 'effect'
>

/** A call whose arguments were read. */
export type PreparedCall<Client> = {
  readonly scope: 'none' | 'own' | readonly string[]
  run(client: Client, context: ToolContext): Promise<Readonly<Record<string, unknown>>>
}

export type Tool<Client> = Shown & {
  readonly whole: boolean
  /** As `tools/list` shows it; the schemas are made once. */
  readonly listed: () => ListedTool
  /** @throws ToolRefusal `mcp.arguments` that says by argument what is expected */
  prepare(args: unknown): PreparedCall<Client>
}

/** Makes the function that declares tools of one system: `const jiraTool = toolsOf<JiraClient>()`. */
export function toolsOf<Client>() {
  return <I extends z.ZodObject, O extends z.ZodObject>(
    declared: ToolDeclaration<Client, I, O>,
  ): Tool<Client> => {
    const { name, title, toolset, effect, whole = false, scope, run } = declared
    let listed: ListedTool | undefined
    return {
      name,
      title,
      toolset,
      effect,
      whole,
      listed: () => (listed ??= present(declared)),
      prepare(given) {
        const args = readArguments(declared, given)
        return {
          scope: typeof scope === 'function' ? scope(args) : scope,
          async run(client, context) {
            const result = await run(client, args, context)
            return declared.output.parse(result)
          },
        }
      },
    }
  }
}

function present<Client, I extends z.ZodObject, O extends z.ZodObject>(
  tool: ToolDeclaration<Client, I, O>,
): ListedTool {
  const { name, title, description, effect, idempotent = effect === 'read' } = tool
  return {
    name,
    title,
    description,
    // The protocol's own type of a schema is wider than what zod says it makes.
    inputSchema: z.toJSONSchema(tool.input.strict(), { io: 'input' }) as ListedTool['inputSchema'],
    outputSchema: z.toJSONSchema(tool.output) as NonNullable<ListedTool['outputSchema']>,
    annotations: {
      title,
      readOnlyHint: effect === 'read',
      destructiveHint: effect === 'destroy',
      idempotentHint: idempotent,
      openWorldHint: true,
    },
  }
}

/** Models write `null` for what they leave out; other servers take it, so ours do. */
function withoutNulls(given: unknown): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given ?? {}
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null))
}

function readArguments<Client, I extends z.ZodObject, O extends z.ZodObject>(
  { name, input }: ToolDeclaration<Client, I, O>,
  given: unknown,
): z.output<I> {
  const read = input.strict().safeParse(withoutNulls(given))
  if (read.success) return read.data as z.output<I>
  const known = Object.keys(input.shape)
  const fields = new Map<string, string>()
  for (const issue of read.error.issues) {
    if (issue.code === 'unrecognized_keys')
      for (const key of issue.keys) fields.set(key, unknownArgument(key, known))
    else fields.set(issue.path.join('.') || 'arguments', expected(input, issue))
  }
  throw new ToolRefusal('mcp.arguments', {
    facts: { tool: name },
    fields: Object.fromEntries(fields),
  })
}

function unknownArgument(key: string, known: readonly string[]): string {
  const meant = known.find((name) => plain(name) === plain(key))
  const hint = meant === undefined ? '' : ` Did you mean ${meant}?`
  return `there is no such argument.${hint} There are: ${known.join(', ') || 'none'}.`
}

/** `projectKey` and `project_key` are one name. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}

function expected(input: z.ZodObject, issue: z.core.$ZodIssue): string {
  const [argument = ''] = issue.path
  const field: unknown = input.shape[String(argument)]
  const description = field instanceof z.ZodType ? field.description : undefined
  return [issue.message, description].filter((text) => text !== undefined).join('. ')
}
