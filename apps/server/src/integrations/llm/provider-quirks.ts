import { z } from 'zod'

/** How an answer is made to be JSON, best first: `none` leaves it to the words of the prompt. */
export const replyMode = z.enum(['json_schema', 'json_object', 'none'])
export type ReplyMode = z.output<typeof replyMode>

/** In what a provider differs from the OpenAI shape (`external-apis.md` 8). Data, not code. */
export const providerQuirks = z.strictObject({
  name: z.string().min(1),
  /** Host names of this provider, lower case; empty for the row of all others. */
  hosts: z.array(z.hostname()),
  /** What the limit of the answer is called. */
  limitMember: z.enum(['max_tokens', 'max_completion_tokens']),
  /** Whether usage has to be asked for, and may be. */
  streamOptions: z.boolean(),
  /** What happens to a temperature that is asked for. */
  sampling: z.enum(['as-asked', 'omit', 'clamp']),
  /** The best way to JSON that it is known to take. */
  replyMode,
  /** Members that are refused; they are taken out of the request, `strict` of a schema too. */
  drop: z.array(z.string()),
  /** Further headers of every request. */
  headers: z.record(z.string(), z.string()),
})
export type ProviderQuirks = z.output<typeof providerQuirks>

const generic: ProviderQuirks = {
  name: 'generic',
  hosts: [],
  limitMember: 'max_tokens',
  streamOptions: true,
  sampling: 'as-asked',
  replyMode: 'json_schema',
  drop: [],
  headers: {},
}

/** The last row is for everybody else. */
export const quirkTable: readonly ProviderQuirks[] = providerQuirks.array().parse([
  {
    ...generic,
    name: 'openai',
    hosts: ['api.openai.com'],
    limitMember: 'max_completion_tokens',
  },
  {
    ...generic,
    name: 'kimi',
    hosts: ['api.moonshot.ai', 'api.moonshot.cn'],
    limitMember: 'max_completion_tokens',
    sampling: 'omit',
    replyMode: 'json_object',
    drop: ['strict', 'frequency_penalty', 'presence_penalty', 'n'],
  },
  {
    ...generic,
    name: 'glm',
    hosts: ['api.z.ai', 'open.bigmodel.cn'],
    streamOptions: false,
    sampling: 'clamp',
    replyMode: 'json_object',
    drop: ['strict', 'frequency_penalty', 'presence_penalty', 'stream_options'],
    headers: { 'accept-language': 'en-US,en' },
  },
  generic,
])

/** @returns the row of the host of an address, or that of all others. Never throws. */
export function quirksFor(baseUrl: string): ProviderQuirks {
  const host = URL.parse(baseUrl)?.hostname ?? ''
  return quirkTable.find(({ hosts }) => hosts.includes(host)) ?? generic
}
