import { JiraRefusal } from './jira-world.ts'

/** A query of the Jira Query Language, as far as the simulator speaks it. */
export type Jql = { readonly where: Condition | undefined; readonly orderBy: readonly Ordering[] }

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | {
      readonly kind: 'clause'
      readonly field: string
      readonly operator: JqlOperator
      readonly values: readonly string[]
    }

export type JqlOperator =
  | '='
  | '!='
  | '~'
  | '!~'
  | '>'
  | '>='
  | '<'
  | '<='
  | 'in'
  | 'not in'
  | 'is empty'
  | 'is not empty'

export type Ordering = { readonly field: string; readonly direction: 'asc' | 'desc' }

type Token = {
  readonly kind: 'word' | 'string' | 'sign'
  readonly text: string
  readonly at: number
}

/** @throws JiraRefusal 400 with Jira's kind of message */
export function parseJql(text: string): Jql {
  return createParser(tokenize(text)).query()
}

const tokenPattern =
  /\s*(?:("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(!=|!~|>=|<=|[=~<>(),])|([^\s"'=!~<>(),]+)|(\S))/suy

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  tokenPattern.lastIndex = 0
  while (text.slice(tokenPattern.lastIndex).trim() !== '') {
    const match = tokenPattern.exec(text)
    const at = tokenPattern.lastIndex
    if (match === null) break
    const [, quoted, sign, word, alien] = match
    if (quoted !== undefined) tokens.push({ kind: 'string', text: unquote(quoted), at })
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign, at })
    else if (word !== undefined) tokens.push({ kind: 'word', text: word, at })
    else if (alien === '"' || alien === "'") throw unclosed(text.slice(at))
    else
      throw refuse(
        `The character '${alien}' is a reserved JQL character. You must enclose it in a string or use the escape. (line 1, character ${at})`,
      )
  }
  return tokens
}

function unclosed(rest: string): JiraRefusal {
  return refuse(`The quoted string '${rest}' has not been completed. (line 1)`)
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }

function unquote(quoted: string): string {
  return quoted
    .slice(1, -1)
    .replaceAll(/\\(?:u([0-9a-f]{4})|(.))/gisu, (_all, hex?: string, character?: string) =>
      hex === undefined
        ? (escapes[character ?? ''] ?? character ?? '')
        : String.fromCharCode(Number.parseInt(hex, 16)),
    )
}

export function refuse(reason: string): JiraRefusal {
  return new JiraRefusal(400, [reason])
}

const reserved = new Set(['and', 'or', 'not', 'in', 'is', 'order', 'by', 'empty', 'null', 'was'])

function createParser(tokens: readonly Token[]) {
  let position = 0
  const peek = (ahead = 0): Token | undefined => tokens[position + ahead]
  const isWord = (word: string, ahead = 0): boolean => {
    const token = peek(ahead)
    return token?.kind === 'word' && token.text.toLowerCase() === word
  }
  const isSign = (sign: string): boolean => peek()?.kind === 'sign' && peek()?.text === sign
  const skip = (isThere: boolean): boolean => {
    if (isThere) position += 1
    return isThere
  }
  const unexpected = (expected: string): JiraRefusal => {
    const token = peek()
    const where = token === undefined ? 'the end of the query' : `'${token.text}'`
    return refuse(
      `Error in the JQL Query: Expecting ${expected} but got ${where}. (line 1, character ${token?.at ?? 0})`,
    )
  }

  const operand = (): string => {
    const token = peek()
    if (token === undefined || token.kind === 'sign') throw unexpected('a value, list or function')
    if (token.kind === 'word' && reserved.has(token.text.toLowerCase()))
      throw refuse(
        `Error in the JQL Query: '${token.text}' is a reserved JQL word. You must surround it in quotation marks to use it in a query. (line 1, character ${token.at})`,
      )
    position += 1
    if (!skip(isSign('('))) return token.text
    if (!skip(isSign(')'))) throw unexpected("')'")
    return `${token.text}()`
  }

  const list = (): string[] => {
    if (!skip(isSign('('))) throw unexpected("'('")
    const values = [operand()]
    while (skip(isSign(','))) values.push(operand())
    if (!skip(isSign(')'))) throw unexpected("')' or ','")
    return values
  }

  const signOperator = (): JqlOperator | undefined => {
    const token = peek()
    if (token?.kind !== 'sign') return undefined
    return signOperators.find((operator) => operator === token.text)
  }

  const clause = (): Condition => {
    const field = operand()
    const sign = signOperator()
    if (sign !== undefined) {
      position += 1
      return { kind: 'clause', field, operator: sign, values: [operand()] }
    }
    if (skip(isWord('in'))) return { kind: 'clause', field, operator: 'in', values: list() }
    if (isWord('not') && isWord('in', 1)) {
      position += 2
      return { kind: 'clause', field, operator: 'not in', values: list() }
    }
    if (!skip(isWord('is'))) throw unexpected('operator')
    const operator = skip(isWord('not')) ? 'is not empty' : 'is empty'
    if (!skip(isWord('empty') || isWord('null'))) throw unexpected('EMPTY or NULL')
    return { kind: 'clause', field, operator, values: [] }
  }

  const term = (): Condition => {
    if (skip(isWord('not'))) return { kind: 'not', part: term() }
    if (!skip(isSign('('))) return clause()
    const inner = disjunction()
    if (!skip(isSign(')'))) throw unexpected("')'")
    return inner
  }

  const joined = (kind: 'and' | 'or', part: () => Condition): Condition => {
    const first = part()
    if (!isWord(kind)) return first
    const parts = [first]
    while (skip(isWord(kind))) parts.push(part())
    return { kind, parts }
  }

  const disjunction = (): Condition => joined('or', () => joined('and', term))

  const ordering = (): Ordering => {
    const field = operand()
    if (skip(isWord('desc'))) return { field, direction: 'desc' }
    skip(isWord('asc'))
    return { field, direction: 'asc' }
  }

  const orderings = (): Ordering[] => {
    if (!skip(isWord('order'))) return []
    if (!skip(isWord('by'))) throw unexpected("'by'")
    const all = [ordering()]
    while (skip(isSign(','))) all.push(ordering())
    return all
  }

  return {
    query(): Jql {
      const where = peek() === undefined || isWord('order') ? undefined : disjunction()
      const orderBy = orderings()
      if (peek() !== undefined) throw unexpected('either AND, OR or ORDER BY')
      return { where, orderBy }
    },
  }
}

const signOperators = ['=', '!=', '~', '!~', '>', '>=', '<', '<='] as const
