import type { CallToolResult } from '@modelcontextprotocol/client'
import { resultMax } from '../result-cap.ts'
import { visibleText } from './visible-text.ts'

/** What a tool of somebody answered: text of somebody else, shown and never obeyed. */
export type ToolAnswer = {
  readonly isError: boolean
  readonly text: string
  /** Absent where it was too long. */
  readonly structured?: unknown
  /** Something was left out. */
  readonly isCut: boolean
}

/** The texts of a result and its structure, no longer than a model is given. */
export function capped(result: CallToolResult): ToolAnswer {
  const texts = result.content.map((part) =>
    part.type === 'text' ? part.text : `[${part.type} left out]`,
  )
  const whole = texts.join('\n')
  const { structuredContent: structured } = result
  const isTooLong = structured !== undefined && JSON.stringify(structured).length > resultMax
  return {
    isError: result.isError === true,
    text: visibleText(whole, resultMax),
    ...(structured === undefined || isTooLong ? {} : { structured }),
    isCut: whole.length > resultMax || isTooLong,
  }
}
