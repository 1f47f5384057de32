import type { CallToolResult } from '@modelcontextprotocol/client'
import { z } from 'zod'
import { JiraError, jiraFailureKinds } from '../../jira/jira-error.ts'

/**
 * What a failed tool says to a program: `structuredContent.error`. `sent` false, or a kind that is
 * Jira's own refusal, means provably not done; anything else that was sent is unclear.
 */
const failure = z.object({
  kind: z.enum(jiraFailureKinds),
  sent: z.boolean(),
  host: z.string(),
  status: z.int().exactOptional(),
  retryAfterMs: z.number().exactOptional(),
  messages: z.array(z.string()),
  fields: z.record(z.string(), z.string()),
  target: z.string().exactOptional(),
  displayName: z.string().exactOptional(),
  code: z.string().exactOptional(),
  detail: z.string(),
})

const failedContent = z.object({ error: failure })

/** The failure that a tool result carries; a server of somebody else tells us less. */
export function fromFailedResult(result: CallToolResult): JiraError {
  const read = failedContent.safeParse(result.structuredContent)
  if (read.success) return new JiraError(read.data.error)
  const texts = result.content.flatMap((part) => (part.type === 'text' ? [part.text] : []))
  return new JiraError({
    kind: 'unexpected-answer',
    sent: true,
    host: '',
    messages: texts.map((text) => text.slice(0, 500)).slice(0, 3),
    fields: {},
    detail: 'the tool failed without saying how',
  })
}
