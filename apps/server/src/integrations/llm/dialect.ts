import type { ChatQuestion } from './chat-request.ts'
import type { ProviderQuirks, ReplyMode } from './provider-quirks.ts'
import type { VendorRefusal } from './vendor-refusal.ts'

/**
 * How one model of one server wants to be asked. Begins as the row of its provider says and gives in
 * where the server refuses a member by name.
 */
export type Dialect = {
  readonly replyMode: ReplyMode
  readonly limitMember: ProviderQuirks['limitMember'] | 'none'
  readonly streamOptions: boolean
  readonly sampling: ProviderQuirks['sampling']
}

export function firstDialect(quirks: ProviderQuirks): Dialect {
  const { replyMode, limitMember, streamOptions, sampling } = quirks
  return { replyMode, limitMember, streamOptions, sampling }
}

type Refused = {
  readonly status: number
  readonly question: ChatQuestion
  /** The row of the provider says that a tool can be forced. */
  readonly takesNamedTool: boolean
}

function refusedReply({ replyMode }: Dialect): RegExp {
  return replyMode === 'tool'
    ? /tool_choice|\btools?\b|function/
    : /response_format|json_schema|json_object|json schema/
}

const givingInStatuses: ReadonlySet<number> = new Set([400, 422, 500, 501])

/**
 * The next way of asking after a refusal that names a member of the request.
 *
 * @returns undefined when nothing that was asked is named: then asking again is useless. A server
 *   that refuses both names of the limit in turn never comes to an end, so callers count.
 */
export function giveIn(
  dialect: Dialect,
  { text }: VendorRefusal,
  { status, question, takesNamedTool }: Refused,
): Dialect | undefined {
  if (!givingInStatuses.has(status)) return undefined
  if (dialect.streamOptions && /stream_options|include_usage/.test(text))
    return { ...dialect, streamOptions: false }
  if (question.reply && refusedReply(dialect).test(text))
    return withNextReplyMode(dialect, takesNamedTool && !hasTools(question))
  if (isSampled(question, dialect) && text.includes('temperature'))
    return { ...dialect, sampling: 'omit' }
  return question.maxOutputTokens === undefined ? undefined : withOtherLimit(dialect, text)
}

function hasTools({ tools = [] }: ChatQuestion): boolean {
  return tools.length > 0
}

function isSampled({ temperature }: ChatQuestion, { sampling }: Dialect): boolean {
  return temperature !== undefined && sampling !== 'omit'
}

function withNextReplyMode(dialect: Dialect, takesNamed: boolean): Dialect | undefined {
  switch (dialect.replyMode) {
    case 'json_schema':
      return { ...dialect, replyMode: takesNamed ? 'tool' : 'json_object' }
    case 'tool':
      return { ...dialect, replyMode: 'json_object' }
    case 'json_object':
      return { ...dialect, replyMode: 'none' }
    case 'none':
      return undefined
  }
}

/** A server that refuses one name usually says the other one in the same sentence. */
function withOtherLimit(dialect: Dialect, text: string): Dialect | undefined {
  const named = /max_(?:completion_)?tokens/.exec(text)?.[0]
  if (named === undefined || named !== dialect.limitMember) return undefined
  const other = named === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens'
  return { ...dialect, limitMember: text.includes(other) ? other : 'none' }
}
