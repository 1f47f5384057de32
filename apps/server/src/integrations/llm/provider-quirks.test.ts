import { describe, expect, it } from 'vitest'
import { providerQuirks, quirksFor, quirkTable } from './provider-quirks.ts'

describe('the row of a provider', () => {
  it.each([
    ['https://api.openai.com/v1', 'openai', 'max_completion_tokens', 'json_schema'],
    ['https://api.moonshot.cn/v1', 'kimi', 'max_completion_tokens', 'json_object'],
    ['https://API.z.ai/api/paas/v4/', 'glm', 'max_tokens', 'json_object'],
    ['https://open.bigmodel.cn/api/paas/v4', 'glm', 'max_tokens', 'json_object'],
    ['https://api.openai.com.example.org/v1', 'generic', 'max_tokens', 'json_schema'],
    ['http://localhost:11434/v1', 'generic', 'max_tokens', 'json_schema'],
    ['not an address', 'generic', 'max_tokens', 'json_schema'],
  ])('is chosen by the host of %s', (baseUrl, ...expected) => {
    const { name, limitMember, replyMode } = quirksFor(baseUrl)
    expect([name, limitMember, replyMode]).toEqual(expected)
  })

  it('is refused with a member that nobody reads', () => {
    expect(providerQuirks.safeParse({ ...quirkTable[0], retries: 3 }).success).toBe(false)
  })
})
