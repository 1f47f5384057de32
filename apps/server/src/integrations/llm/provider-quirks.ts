import { z } from 'zod'

/** How an answer is made to be JSON, best first: `none` leaves it to the words of the prompt. */
export const replyMode = z.enum(['json_schema', 'tool', 'json_object', 'none'])
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
  /** Which choices of a tool are taken; what is not taken is left to the model. */
  toolChoice: z.enum(['named', 'required', 'auto']),
  /** Arguments of tools come in pieces only where that is asked for. */
  toolStream: z.boolean(),
  /** Every property of a tool's schema needs a type. */
  typedProperties: z.boolean(),
  /** The model wants its own thoughts back, on every turn of its own. */
  reasoningBack: z.boolean(),
  /** What an answer of tool calls alone has as its text. */
  emptyContent: z.enum(['null', 'absent']),
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
  toolChoice: 'named',
  toolStream: false,
  typedProperties: false,
  reasoningBack: false,
  emptyContent: 'null',
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
    // A named tool is refused while the model thinks, and most of its models always do.
    toolChoice: 'auto',
    typedProperties: true,
    reasoningBack: true,
    emptyContent: 'absent',
  },
  {
    ...generic,
    name: 'glm',
    hosts: ['api.z.ai', 'open.bigmodel.cn'],
    streamOptions: false,
    sampling: 'clamp',
    replyMode: 'json_object',
    drop: ['strict', 'frequency_penalty', 'presence_penalty', 'stream_options'],
    toolChoice: 'auto',
    toolStream: true,
    reasoningBack: true,
    headers: { 'accept-language': 'en-US,en' },
  },
  generic,
])

/** @returns the row of the host of an address, or that of all others. Never throws. */
export function quirksFor(baseUrl: string): ProviderQuirks {
  const host = URL.parse(baseUrl)?.hostname ?? ''
  return quirkTable.find(({ hosts }) => hosts.includes(host)) ?? generic
}
