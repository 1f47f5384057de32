import { parseTree, type Node, type ParseError, getNodeValue } from 'jsonc-parser'
import { z } from 'zod'
import {
  explainIssue,
  explainSyntax,
  type FileProblem,
  type Finding,
  nameOffset,
  nodeAt,
  placeOf,
  type ProblemWords,
} from './file-problems.ts'
import { pointerForm, toPointer } from './json-pointer.ts'
import { checkPlaceholders, checkTemplate, headerSlots, mentions } from './templates.ts'

/** The four files that say how the company's own model is called (CFG-5 to CFG-8). */
export const companyFileNames = [
  'config.json',
  'header.json',
  'payload.json',
  'prompts.json',
] as const
export type CompanyFileName = (typeof companyFileNames)[number]
export type CompanyTexts = Readonly<Record<CompanyFileName, string>>

/** Which template and which path a call uses; what is absent falls back to `stream`, that to `chat`. */
export const callTypes = ['chat', 'stream', 'refine', 'validate'] as const
export type CallType = (typeof callTypes)[number]

const $schema = z.string().optional().meta({ description: 'For editors; ignored.' })
const pointer = z
  .string()
  .max(200)
  .regex(pointerForm, 'pointer')
  .meta({ description: 'JSON pointer (RFC 6901) into an answer, or into one event of a stream.' })
const path = z
  .string()
  .max(500)
  .regex(/^\/[^\s#]*$/, 'path')
  .meta({ description: 'Appended to baseUrl; begins with /.' })
const paths = z
  .strictObject({
    chat: path,
    stream: path.optional(),
    refine: path.optional(),
    validate: path.optional(),
  })
  .meta({
    description:
      'Where each kind of call goes: refine and validate where stream goes if they are absent, stream where chat goes.',
  })
const milliseconds = (least: number, most: number) => z.int().min(least).max(most)
const codes = z.array(z.string().min(1).max(100)).max(50)

const shared = {
  $schema,
  name: z.string().trim().min(1).max(80).meta({ description: 'What people see.' }),
  baseUrl: z
    .url({ protocol: /^https?$/, error: 'url' })
    .max(2_000)
    .refine((url) => !/^[a-z]+:\/\/[^/]*@/i.test(url), 'url')
    .meta({ description: 'Address of the model, with what all paths have in common.' }),
  model: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'Fills the slot model.' }),
  parameters: z
    .strictObject({
      maxOutputTokens: z.int().min(1).max(1_000_000).optional(),
      temperature: z.number().min(0).max(2).optional(),
    })
    .default({})
    .meta({ description: 'Fill the slots of the same names where a call says nothing else.' }),
  retry: z
    .strictObject({
      attempts: z.int().min(1).max(3).default(2),
      waitMs: milliseconds(50, 5_000).default(500),
    })
    .default({ attempts: 2, waitMs: 500 })
    .meta({ description: 'Only calls of which nothing was answered are repeated.' }),
  timeouts: z
    .strictObject({
      firstTokenMs: milliseconds(500, 600_000).default(10_000),
      idleMs: milliseconds(500, 600_000).default(15_000),
      totalMs: milliseconds(1_000, 600_000).default(120_000),
    })
    .default({ firstTokenMs: 10_000, idleMs: 15_000, totalMs: 120_000 }),
  identity: z.strictObject({ path, pointer }).optional().meta({
    description:
      'A GET of this path names the person of the cookie at this pointer. Without it the identity cannot be verified.',
  }),
  tls: z
    .strictObject({
      verify: z.boolean().default(true),
      ca: z
        .string()
        .max(100_000)
        .regex(/^\s*-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----\s*$/, 'pem')
        .optional()
        .meta({ description: 'PEM of the authority that signed the certificate of the server.' }),
    })
    .default({ verify: true }),
}

const openai = z
  .strictObject({
    mode: z.literal('openai'),
    ...shared,
    paths: paths.default({ chat: '/chat/completions' }),
  })
  .meta({ description: 'Answers have the shape of OpenAI’s chat completions.' })

const custom = z
  .strictObject({
    mode: z.literal('custom'),
    ...shared,
    paths,
    stream: z.enum(['sse', 'ndjson', 'none']).meta({
      description: 'How the answer comes: server-sent events, one JSON a line, or in one piece.',
    }),
    response: z.strictObject({
      delta: pointer.optional(),
      final: pointer.optional(),
      thinking: pointer.optional(),
      finishReason: pointer.optional(),
      error: pointer.optional(),
      errorCode: pointer.optional(),
      usage: z.strictObject({ input: pointer, output: pointer }).optional(),
    }),
    finishReasons: z
      .strictObject({
        stop: codes.optional(),
        length: codes.optional(),
        content: codes.optional(),
      })
      .default({})
      .meta({ description: 'Their words for the ends of an answer; others count as stop.' }),
    errorKinds: z
      .strictObject({
        auth: codes.optional(),
        rate: codes.optional(),
        quota: codes.optional(),
        content: codes.optional(),
        context: codes.optional(),
        server: codes.optional(),
      })
      .default({})
      .meta({ description: 'Their error codes by what they mean.' }),
    endMark: z
      .string()
      .min(1)
      .max(40)
      .optional()
      .meta({ description: 'An event that is no JSON and ends the stream, such as [DONE].' }),
  })
  .meta({ description: 'Answers are read by JSON pointers.' })

export const companyConfig = z.discriminatedUnion('mode', [openai, custom])
export type CompanyConfig = z.output<typeof companyConfig>
export type CustomConfig = Extract<CompanyConfig, { mode: 'custom' }>

const ownHeaders = /^(host|content-length|transfer-encoding|connection|upgrade|te|trailer)$/i

export const companyHeader = z.strictObject({
  $schema,
  headers: z
    .record(
      z.string().regex(/^[A-Za-z0-9-]{1,100}$/, 'header-name'),
      z
        .string()
        .max(4_000)
        .regex(/^[\u0020-\u007e]*$/, 'header-value'),
    )
    .meta({
      description: `Headers of every call. Placeholders: ${headerSlots.map((name) => `{{${name}}}`).join(', ')}.`,
    }),
})

const template = z
  .record(z.string(), z.json())
  .meta({ description: 'The body of a call. Values come from slots and {{placeholders}}.' })

export const companyPayload = z.strictObject({
  $schema,
  chat: template,
  stream: template.optional(),
  refine: template.optional(),
  validate: template.optional(),
})

const text = z.string().trim().min(1).max(20_000)
const both = z.strictObject({ en: text, he: text })

/** What prompts of a story, and of its repair, may mention. */
export const promptSlots = {
  systemInstructions: ['language'],
  story: ['format', 'language', 'summaryMax', 'pointsMax', 'replyFormat'],
  refine: ['format', 'language', 'summaryMax', 'pointsMax', 'replyFormat'],
  repair: ['problem'],
} as const

export const companyPrompts = z.strictObject({
  $schema,
  systemInstructions: both.meta({ description: 'Stands before every system prompt.' }),
  systemPrompts: z.strictObject({
    story: both.meta({
      description: 'How a story is written; {{replyFormat}} is added where it is not placed.',
    }),
    refine: both.meta({ description: 'How a story is changed by an instruction.' }),
    repair: both.meta({ description: 'Says {{problem}} of an answer that cannot be used.' }),
  }),
  customPrompts: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[a-z][a-z0-9-]{0,40}$/, 'id'),
        title: both,
        text: both,
      }),
    )
    .max(50)
    .default([])
    .meta({ description: 'Prompts that people may choose. Accepted and checked; offered later.' }),
})
export type CompanyPrompts = z.output<typeof companyPrompts>

const schemas = {
  'config.json': companyConfig,
  'header.json': companyHeader,
  'payload.json': companyPayload,
  'prompts.json': companyPrompts,
} as const

export type CompanyFiles = {
  readonly config: CompanyConfig
  readonly headers: Readonly<Record<string, string>>
  readonly payload: Readonly<Record<CallType, unknown>>
  readonly prompts: CompanyPrompts
  /** Whether a call needs the cookie of the person. */
  readonly needsCookie: boolean
}

export type ReadFiles =
  | { readonly kind: 'valid'; readonly files: CompanyFiles }
  | { readonly kind: 'broken'; readonly problems: readonly FileProblem[] }

/** JSON Schemas (2020-12) for editors, by the name of the file that they describe. */
export function companySchemas(): Record<CompanyFileName, object> {
  const entries = companyFileNames.map((name) => [
    name,
    {
      title: `StudioOps: ${name} of the company model`,
      ...z.toJSONSchema(schemas[name], { io: 'input' }),
    },
  ])
  return Object.fromEntries(entries) as Record<CompanyFileName, object>
}

const fileLengthMax = 200_000

/**
 * Reads all four files together: either all are good, or none is taken.
 *
 * @param texts an empty text counts as a file that is not there
 * @returns every problem that can be found, file by file. Never throws.
 */
export function readCompanyFiles(texts: CompanyTexts): ReadFiles {
  const config = readFile('config.json', texts, checkConfig)
  const header = readFile('header.json', texts, checkHeader)
  const payload = readFile('payload.json', texts, checkPayload)
  const prompts = readFile('prompts.json', texts, checkPrompts)
  if (config.value && header.value && payload.value && prompts.value) {
    const { chat, stream = chat, refine = stream, validate = stream } = payload.value
    const { headers } = header.value
    return {
      kind: 'valid',
      files: {
        config: config.value,
        headers,
        payload: { chat, stream, refine, validate },
        prompts: prompts.value,
        needsCookie: Object.values(headers).some((value) => mentions(value, 'cookie')),
      },
    }
  }
  const read = [config, header, payload, prompts]
  return { kind: 'broken', problems: read.flatMap(({ problems }) => problems) }
}

type Read<T> = { readonly value?: T; readonly problems: readonly FileProblem[] }

function readFile<N extends CompanyFileName>(
  file: N,
  texts: CompanyTexts,
  check: (value: z.output<(typeof schemas)[N]>) => Finding[],
): Read<z.output<(typeof schemas)[N]>> {
  const given = texts[file].replace(/^\u{feff}/u, '')
  if (given.trim() === '') return { problems: [whole(file, missing(file))] }
  if (given.length > fileLengthMax) return { problems: [whole(file, tooLong)] }
  const errors: ParseError[] = []
  const root = parseTree(given, errors, { disallowComments: true, allowTrailingComma: false })
  const [error] = errors
  if (error !== undefined || root === undefined) {
    const { offset, ...words } = explainSyntax(given, error ?? { error: 4, offset: 0, length: 0 })
    return { problems: [{ file, pointer: '', ...placeOf(given, offset), ...words }] }
  }
  const value: unknown = getNodeValue(root)
  const parsed = schemas[file].safeParse(value)
  const findings = [
    ...duplicates(root, []),
    ...(parsed.success
      ? check(parsed.data as z.output<(typeof schemas)[N]>)
      : parsed.error.issues.flatMap((issue) => explainIssue(issue, value))),
  ]
  const problems = findings.map(({ path: at, atName, message, fix }) => {
    const offset = atName ? nameOffset(root, at) : nodeAt(root, at).offset
    return { file, pointer: toPointer(at), ...placeOf(given, offset), message, fix }
  })
  return problems.length === 0 && parsed.success
    ? { value: parsed.data as z.output<(typeof schemas)[N]>, problems }
    : { problems }
}

function whole(file: CompanyFileName, words: ProblemWords): FileProblem {
  return { file, pointer: '', line: 1, column: 1, ...words }
}

function missing(file: CompanyFileName): ProblemWords {
  return {
    message: { en: `${file} is missing or empty.`, he: `${file} חסר או ריק.` },
    fix: { en: `Begin with the example of ${file}.`, he: `אפשר להתחיל מהדוגמה של ${file}.` },
  }
}

const tooLong: ProblemWords = {
  message: { en: 'The file is too long.', he: 'הקובץ ארוך מדי.' },
  fix: {
    en: `Keep it below ${fileLengthMax} characters.`,
    he: `יש לקצר לפחות מ־${fileLengthMax} תווים.`,
  },
}

/** Of two members with one name JSON keeps the last, and nobody notices. */
function duplicates(node: Node, path: readonly PropertyKey[]): Finding[] {
  const children = node.children ?? []
  if (node.type === 'array')
    return children.flatMap((child, index) => duplicates(child, [...path, index]))
  if (node.type !== 'object') return []
  const names = children.map((property) => String(property.children?.[0]?.value))
  return children.flatMap((property, index) => {
    const name = names[index] ?? ''
    const value = property.children?.[1]
    const inner = value === undefined ? [] : duplicates(value, [...path, name])
    return names.indexOf(name) === index
      ? inner
      : [{ path: [...path, name], ...twice(name) }, ...inner]
  })
}

function twice(name: string): ProblemWords {
  return {
    message: { en: `"${name}" is here twice.`, he: `"${name}" מופיע פעמיים.` },
    fix: { en: 'Remove one of the two.', he: 'יש להסיר אחד מהשניים.' },
  }
}

function checkConfig(config: CompanyConfig): Finding[] {
  if (config.mode === 'openai') return []
  const { delta, final, finishReason } = config.response
  const isWhole = config.stream === 'none'
  if (isWhole && final === undefined) return [{ path: ['response'], ...needsPointer('final') }]
  if (isWhole) return []
  return [
    ...((delta ?? final) === undefined ? [{ path: ['response'], ...needsPointer('delta') }] : []),
    // Without either, an answer that was cut looks like one that is whole.
    ...((finishReason ?? final) === undefined
      ? [{ path: ['response'], ...needsPointer('finishReason') }]
      : []),
  ]
}

const pointerPurpose: Readonly<Record<string, ProblemWords['message']>> = {
  final: {
    en: 'An answer in one piece needs to know where its text is.',
    he: 'תשובה בחלק אחד צריכה לדעת היכן הטקסט שלה.',
  },
  delta: {
    en: 'A stream needs to know where the text of an event is.',
    he: 'זרם צריך לדעת היכן הטקסט של אירוע.',
  },
  finishReason: {
    en: 'Nothing here tells a whole answer from one that was cut.',
    he: 'אין כאן דבר שמבדיל בין תשובה שלמה לתשובה שנקטעה.',
  },
}

function needsPointer(name: 'final' | 'delta' | 'finishReason'): ProblemWords {
  return {
    message: pointerPurpose[name] ?? { en: '', he: '' },
    fix: {
      en: `Add "${name}" with a JSON pointer${name === 'finishReason' ? ', or "final"' : ''}.`,
      he: `יש להוסיף "${name}" עם מצביע JSON${name === 'finishReason' ? ', או "final"' : ''}.`,
    },
  }
}

function checkHeader({ headers }: z.output<typeof companyHeader>): Finding[] {
  return Object.entries(headers).flatMap(([name, value]): Finding[] => {
    const at = ['headers', name]
    if (ownHeaders.test(name)) return [{ path: at, atName: true, ...ownHeader(name) }]
    return checkPlaceholders(value, headerSlots).map((words) => ({ path: at, ...words }))
  })
}

function ownHeader(name: string): ProblemWords {
  return {
    message: { en: `The header ${name} is set by us.`, he: `הכותרת ${name} נקבעת על ידינו.` },
    fix: { en: 'Remove it.', he: 'יש להסיר אותה.' },
  }
}

function checkPayload({ $schema: _, ...templates }: z.output<typeof companyPayload>): Finding[] {
  return Object.entries(templates).flatMap(([name, body]) => checkTemplate(body, [name]))
}

function checkPrompts({ systemInstructions, systemPrompts }: CompanyPrompts): Finding[] {
  const inBoth = (
    at: readonly string[],
    words: { en: string; he: string },
    known: readonly string[],
  ) =>
    (['en', 'he'] as const).flatMap((language) =>
      checkPlaceholders(words[language], known).map((found) => ({
        path: [...at, language],
        ...found,
      })),
    )
  return [
    ...inBoth(['systemInstructions'], systemInstructions, promptSlots.systemInstructions),
    ...(['story', 'refine', 'repair'] as const).flatMap((name) =>
      inBoth(['systemPrompts', name], systemPrompts[name], promptSlots[name]),
    ),
  ]
}
