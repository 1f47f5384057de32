import { z } from 'zod'
import { Secret } from '../../../platform/secret/secret.ts'
import type { ChatMessage } from '../chat-request.ts'
import type { Finding, ProblemWords } from './file-problems.ts'

/** What may be filled in, and what it is. Nothing in a template is ever evaluated. */
export const slotTypes = {
  messages: 'messages',
  system: 'string',
  prompt: 'string',
  conversation: 'string',
  model: 'string',
  language: 'string',
  callType: 'string',
  requestId: 'string',
  employeeId: 'string',
  email: 'string',
  maxOutputTokens: 'number',
  temperature: 'number',
  stream: 'boolean',
  replySchema: 'json',
  tools: 'json',
  toolChoice: 'json',
} as const
export type SlotName = keyof typeof slotTypes
export type SlotType = (typeof slotTypes)[SlotName]

/** What fills the slots of one call. A slot without a value leaves its member out. */
export type SlotValues = {
  readonly messages: readonly ChatMessage[]
  readonly model?: string | undefined
  readonly language?: string | undefined
  readonly callType?: string | undefined
  readonly requestId?: string | undefined
  readonly employeeId?: string | undefined
  readonly email?: string | undefined
  readonly maxOutputTokens?: number | undefined
  readonly temperature?: number | undefined
  readonly stream?: boolean | undefined
  readonly replySchema?: unknown
  /** In OpenAI's form; a model whose payload has no slot for them is offered none. */
  readonly tools?: unknown
  readonly toolChoice?: unknown
  /** Further members of a message: its calls of tools, or which call it answers. */
  readonly moreOf?: (message: ChatMessage) => Readonly<Record<string, unknown>>
}

const role = z.enum(['system', 'user', 'assistant'])

/** An object that stands for one value: `{ "$slot": "messages", "type": "messages" }`. */
export const slot = z.strictObject({
  $slot: z.enum(Object.keys(slotTypes) as [SlotName, ...SlotName[]]),
  type: z.enum(['string', 'number', 'boolean', 'messages', 'json']),
  /** Where nothing fills the slot. Absent: the member is left out. */
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  /** Only for messages: what the roles are called there. */
  roles: z.partialRecord(role, z.string().min(1).max(40)).optional(),
  /** Only for messages: what the two members of a message are called there. */
  members: z
    .strictObject({ role: z.string().min(1).max(40), content: z.string().min(1).max(40) })
    .optional(),
})
type Slot = z.output<typeof slot>

const placeholder = /\{\{\s*([A-Za-z]+)\s*\}\}/g

/**
 * Fills `{{name}}` in one pass: what is filled in is not read again.
 *
 * @param valueOf gives undefined for what is unknown; that stays as it is written
 */
export function fillText(text: string, valueOf: (name: string) => string | undefined): string {
  return text.replaceAll(placeholder, (whole, name: string) => valueOf(name) ?? whole)
}

/** Whether a text has this placeholder. */
export function mentions(text: string, name: string): boolean {
  return [...text.matchAll(placeholder)].some((match) => match[1] === name)
}

/** Placeholders that are not known in this place, and braces that never close. */
export function checkPlaceholders(text: string, known: readonly string[]): ProblemWords[] {
  const unknown = [...text.matchAll(placeholder)].flatMap(([, name = '']) =>
    known.includes(name) ? [] : [unknownPlaceholder(name, known)],
  )
  const rest = text.replaceAll(placeholder, '')
  return rest.includes('{{') ? [...unknown, openBraces] : unknown
}

function unknownPlaceholder(name: string, known: readonly string[]): ProblemWords {
  if (name === 'cookie') return cookiePlace
  const list = known.map((one) => `{{${one}}}`).join(', ')
  return {
    message: {
      en: `The placeholder {{${name}}} is not known here.`,
      he: `מציין המקום {{${name}}} אינו מוכר כאן.`,
    },
    fix: { en: `Use one of ${list}.`, he: `יש להשתמש באחד מאלה: ${list}.` },
  }
}

const cookiePlace: ProblemWords = {
  message: {
    en: 'The cookie is a secret and is filled into headers only.',
    he: 'העוגייה היא סוד ומוצבת בכותרות בלבד.',
  },
  fix: { en: 'Move {{cookie}} to header.json.', he: 'יש להעביר את {{cookie}} אל header.json.' },
}

const openBraces: ProblemWords = {
  message: {
    en: 'Braces {{ open here and are no placeholder.',
    he: 'כאן נפתחים סוגריים {{ שאינם מציין מקום.',
  },
  fix: { en: 'Write {{name}} with letters only.', he: 'יש לכתוב {{name}} באותיות בלבד.' },
}

/** The placeholders of texts inside payload.json; lists and objects need a slot. */
export const textSlots: readonly SlotName[] = (Object.keys(slotTypes) as SlotName[]).filter(
  (name) => slotTypes[name] !== 'messages' && slotTypes[name] !== 'json',
)

/** Goes through a template of payload.json and tells what cannot be filled. */
export function checkTemplate(value: unknown, path: readonly PropertyKey[]): Finding[] {
  if (typeof value === 'string')
    return checkPlaceholders(value, textSlots).map((words) => ({ path, ...words }))
  if (Array.isArray(value))
    return value.flatMap((entry, index) => checkTemplate(entry, [...path, index]))
  if (typeof value !== 'object' || value === null) return []
  if (Object.hasOwn(value, '$slot')) return checkSlot(value, path)
  return Object.entries(value).flatMap(([name, member]) => checkTemplate(member, [...path, name]))
}

function checkSlot(value: object, path: readonly PropertyKey[]): Finding[] {
  const read = slot.safeParse(value)
  if (!read.success) return read.error.issues.map((issue) => badSlot([...path, ...issue.path]))
  const { $slot: name, type, roles, members } = read.data
  const right = slotTypes[name]
  if (type !== right) return [{ path: [...path, 'type'], ...slotType(name, right) }]
  if (type !== 'messages' && (roles !== undefined || members !== undefined)) return [badSlot(path)]
  return []
}

function badSlot(path: readonly PropertyKey[]): Finding {
  const names = Object.keys(slotTypes).join(', ')
  return {
    path,
    message: { en: 'This slot cannot be filled.', he: 'לא ניתן למלא את החריץ הזה.' },
    fix: {
      en: `Write { "$slot": name, "type": type }; names are ${names}; types are string, number, boolean, messages, json.`,
      he: `יש לכתוב { "$slot": שם, "type": סוג }; השמות: ${names}; הסוגים: string, number, boolean, messages, json.`,
    },
  }
}

function slotType(name: SlotName, right: SlotType): ProblemWords {
  return {
    message: { en: `The slot ${name} has another type.`, he: `לחריץ ${name} יש סוג אחר.` },
    fix: { en: `Write "type": "${right}".`, he: `יש לכתוב "type": "${right}".` },
  }
}

const leftOut = Symbol('left out')

/** The body of a request: a copy of the template with its slots filled. */
export function fillTemplate(template: unknown, values: SlotValues): unknown {
  const filled = fill(template, values)
  return filled === leftOut ? undefined : filled
}

function fill(template: unknown, values: SlotValues): unknown {
  if (typeof template === 'string')
    return fillText(template, (name) => textOf(valueOf(name, values)))
  if (Array.isArray(template))
    return template.map((entry) => fill(entry, values)).filter((entry) => entry !== leftOut)
  if (typeof template !== 'object' || template === null) return template
  const read = Object.hasOwn(template, '$slot') ? slot.safeParse(template) : undefined
  if (read?.success === true) return fillSlot(read.data, values)
  const members = Object.entries(template).map(([name, member]) => [name, fill(member, values)])
  return Object.fromEntries(members.filter(([, member]) => member !== leftOut))
}

function fillSlot({ $slot, default: preset, roles, members }: Slot, values: SlotValues): unknown {
  if ($slot === 'messages') {
    const names = members ?? { role: 'role', content: 'content' }
    return values.messages.map((message) => ({
      ...values.moreOf?.(message),
      [names.role]: (message.role === 'tool' ? undefined : roles?.[message.role]) ?? message.role,
      [names.content]: message.content,
    }))
  }
  return valueOf($slot, values) ?? preset ?? leftOut
}

function valueOf(name: string, values: SlotValues): unknown {
  switch (name) {
    case 'system':
      return joined(values.messages, 'system')
    case 'prompt':
      return values.messages.findLast((message) => message.role === 'user')?.content
    case 'conversation':
      return values.messages.map(({ role: who, content }) => `${who}: ${content}`).join('\n\n')
    case 'messages':
      return undefined
    default:
      return Object.hasOwn(values, name) ? Reflect.get(values, name) : undefined
  }
}

function joined(messages: readonly ChatMessage[], who: ChatMessage['role']): string | undefined {
  const texts = messages.filter((message) => message.role === who).map(({ content }) => content)
  return texts.length === 0 ? undefined : texts.join('\n\n')
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : ''
}

/** What header.json may fill in. */
export const headerSlots = [
  'cookie',
  'employeeId',
  'email',
  'requestId',
  'model',
  'language',
] as const

export type HeaderValues = Readonly<
  Partial<Record<Exclude<(typeof headerSlots)[number], 'cookie'>, string | undefined>>
> & { readonly cookie: Secret | undefined }

/** Headers of one call. One that holds the cookie is a secret until it is sent. */
export function fillHeaders(
  headers: Readonly<Record<string, string>>,
  { cookie, ...values }: HeaderValues,
): Record<string, string | Secret> {
  const valueOf = (name: string): string =>
    name === 'cookie' ? (cookie?.reveal() ?? '') : (values[name as 'model'] ?? '')
  const entries = Object.entries(headers).map(([name, text]) => {
    const filled = fillText(text, valueOf)
    return [name, mentions(text, 'cookie') ? new Secret(filled) : filled]
  })
  return Object.fromEntries(entries) as Record<string, string | Secret>
}
