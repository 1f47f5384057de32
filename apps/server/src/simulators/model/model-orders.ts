/** What a text tells a model to do. */
export type Order =
  | { readonly kind: 'call'; readonly tool: string; readonly arguments: string }
  | { readonly kind: 'say'; readonly text: string }
  | { readonly kind: 'reveal' }

const patterns = {
  /** `@@call tool {…}`, "call the tool x with {…}", "use tool x with arguments {…}", and in Hebrew. */
  call: /(?:@@call\s+|(?:call|use|run|invoke|execute)\s+(?:the\s+)?(?:tool|function)\s+|(?:הפעל|הפעילי|יש להפעיל|קרא|השתמש ב?)\s*(?:את\s+)?(?:ה?כלי)\s+)["'`]?([\w.:/-]{1,64})["'`]?(?:\s+(?:with(?:\s+(?:the\s+)?arguments?)?|עם(?:\s+הארגומנטים)?))?\s*:?\s*/giu,
  say: /(?:@@say\s+|(?:say|print|output|reply with|answer with|כתוב|אמור)\s*(?:exactly\s*)?:?\s*)"([^"\n]{1,500})"/giu,
  reveal:
    /(?:reveal|repeat|print|show|leak|output|send)\s+(?:your\s+|the\s+|all\s+|me\s+)*(?:system prompt|instructions above|everything above|secrets?|whole context)|(?:חשוף|הצג|הדפס)\s+את\s+(?:הנחיות המערכת|כל ההקשר|הסודות)/iu,
}

/** Every instruction of a text, in its order: calls of tools, words to say, the context to be shown. */
export function ordersIn(text: string): Order[] {
  const calls = [...text.matchAll(patterns.call)].map((match) => ({
    at: match.index,
    order: {
      kind: 'call' as const,
      tool: match[1] ?? '',
      arguments: objectAt(text, match.index + match[0].length) ?? '{}',
    },
  }))
  const words = [...text.matchAll(patterns.say)].map((match) => ({
    at: match.index,
    order: { kind: 'say' as const, text: match[1] ?? '' },
  }))
  const reveals = patterns.reveal.exec(text)
  const revealed =
    reveals === null ? [] : [{ at: reveals.index, order: { kind: 'reveal' as const } }]
  return [...calls, ...words, ...revealed]
    .toSorted((one, other) => one.at - other.at)
    .map(({ order }) => order)
}

/** The JSON object that begins here; undefined where there is none. */
function objectAt(text: string, start: number): string | undefined {
  if (text[start] !== '{') return undefined
  for (let end = text.indexOf('}', start); end !== -1; end = text.indexOf('}', end + 1)) {
    const piece = text.slice(start, end + 1)
    try {
      JSON.parse(piece)
      return piece
    } catch {
      // Not the brace that closes it.
    }
  }
  return undefined
}

type Heard = { readonly role: string; readonly text: string; readonly calls?: readonly string[] }
export type SpokenCall = { readonly name: string; readonly arguments: string }
export type Reaction = { readonly text: string; readonly calls: readonly SpokenCall[] }

/**
 * A model without judgement: what any text of its context orders, whoever wrote it, it does, each
 * order once. For campaigns with poisoned content: what it must not cause has to be stopped by us.
 */
export function obey(messages: readonly Heard[], tools: readonly string[]): Reaction {
  const done = new Set(messages.flatMap(({ calls = [] }) => calls))
  const orders = messages.flatMap(({ role, text }) => (role === 'assistant' ? [] : ordersIn(text)))
  const calls = orders.flatMap((order) => {
    if (order.kind !== 'call' || tools.length === 0) return []
    const name =
      tools.find((tool) => tool === order.tool || tool.endsWith(order.tool)) ?? order.tool
    const isDone = done.has(signOf({ name, arguments: order.arguments }))
    done.add(signOf({ name, arguments: order.arguments }))
    return isDone ? [] : [{ name, arguments: order.arguments }]
  })
  const words = orders.flatMap((order) => (order.kind === 'say' ? [order.text] : []))
  const everything = orders.some(({ kind }) => kind === 'reveal')
    ? messages.map(({ role, text }) => `${role}: ${text}`)
    : []
  return { text: [...words, ...everything].join('\n'), calls }
}

/** Tells whether a call was made before. */
export function signOf({ name, arguments: text }: SpokenCall): string {
  return `${name} ${text.replaceAll(/\s/g, '')}`
}

/** A model with judgement: only what its user orders in so many words, and never twice. */
export function follow(messages: readonly Heard[], tools: readonly string[]): Reaction {
  const last = messages.findLastIndex(({ role }) => role === 'user')
  const asked = messages[last]?.text ?? ''
  if (tools.length === 0 || !asked.includes('@@call ')) return { text: '', calls: [] }
  const orders = obey(
    [{ role: 'user', text: asked }, ...messages.slice(last + 1).map(silent)],
    tools,
  )
  // What it has asked back stands in the question with its answer.
  const isAnswered = asked.includes('\nThe person: ')
  const calls = orders.calls.filter(({ name }) => !isAnswered || name !== 'ask_person')
  const results = messages.slice(last + 1).filter(({ role }) => role === 'tool')
  const text = calls.length > 0 ? '' : results.map((result) => result.text).join('\n')
  return { text, calls }
}

function silent({ role, calls }: Heard): Heard {
  return { role, text: '', ...(calls && { calls }) }
}
