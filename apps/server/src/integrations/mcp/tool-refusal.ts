import type { ErrorCode, Facts } from '@studioops/contracts/errors'

/**
 * A tool that says no by itself, before anything was sent: a wrong argument, or something that
 * whoever started the server does not allow.
 */
export class ToolRefusal extends Error {
  override readonly name = 'ToolRefusal'
  readonly code: ErrorCode
  readonly facts: Facts
  /** What is wrong, by argument. */
  readonly fields: Readonly<Record<string, string>>

  constructor(
    code: ErrorCode,
    details: { readonly facts?: Facts; readonly fields?: Readonly<Record<string, string>> } = {},
  ) {
    super(code)
    this.code = code
    this.facts = details.facts ?? {}
    this.fields = details.fields ?? {}
  }
}

/** For what only the tool can see, such as text that is not the JSON that it should be. */
export function badArgument(argument: string, text: string): ToolRefusal {
  return new ToolRefusal('mcp.arguments', { fields: { [argument]: text } })
}
