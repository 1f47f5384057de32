import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { readStoryText } from '@studioops/contracts/story-text'
import { checkStory, ruleWords } from '@studioops/contracts/story-rules'
import { chooseLanguage } from '@studioops/migrate/cli'
import { z } from 'zod'
import type { Environment } from '../config/sources.ts'
import type { Words } from '../config/variables.ts'
import type { Terminal } from './keys.ts'

export const storyHelp: Words = {
  en: `Usage: studioops story draft <file|-> [--project PAY] [--type Story] [--format classic|bdd]
       studioops story check <id of a story | file | ->
       studioops story approve <id of a story> [--hash <hash that was shown>]
       [--story-language en|he] [--lang en|he] [--json]

draft    begins a story from a requirement, lets the model write it, and shows how it stands
check    holds a story, or a text with headings, to the rules; a text without the server
approve  shows exactly what Jira will get, asks, and sends that, once

STUDIOOPS_URL and STUDIOOPS_TOKEN say where and as whom: a token of yours with "stories.read", for
drafts also "stories.draft", for approvals "stories.approve".

Exit codes:
  0  done; of check: every rule that blocks is met
  1  a rule is broken, or it was refused
  2  nothing was approved
  3  wrong usage
`,
  he: `שימוש: studioops story draft <קובץ|-> [--project PAY] [--type Story] [--format classic|bdd]
        studioops story check <מזהה סיפור | קובץ | ->
        studioops story approve <מזהה סיפור> [--hash <הגיבוב שהוצג>]
        [--story-language en|he] [--lang en|he] [--json]

draft    התחלת סיפור מדרישה, כתיבה בידי המודל והצגת מצבו
check    בדיקת סיפור, או טקסט עם כותרות, מול הכללים; טקסט נבדק ללא השרת
approve  הצגה מדויקת של מה ש־Jira תקבל, שאלה, ושליחה אחת

STUDIOOPS_URL ו־STUDIOOPS_TOKEN קובעים היכן ובשם מי: אסימון שלך עם "stories.read", לטיוטות גם
"stories.draft", לאישורים "stories.approve".

קודי יציאה:
  0  בוצע; בבדיקה: כל הכללים החוסמים מתקיימים
  1  כלל הופר, או שהבקשה נדחתה
  2  דבר לא אושר
  3  שימוש שגוי
`,
}

const texts = {
  met: { en: 'met', he: 'מתקיים' },
  broken: { en: 'BROKEN', he: 'הופר' },
  'not-applicable': { en: 'does not apply', he: 'לא רלוונטי' },
  unknown: { en: 'not known', he: 'לא ידוע' },
  noHeadings: {
    en: 'There is no heading of a story in this text, such as "Acceptance Criteria".',
    he: 'אין בטקסט כותרת של סיפור, כגון "קריטריוני קבלה".',
  },
  noServer: {
    en: 'Set STUDIOOPS_URL and STUDIOOPS_TOKEN.',
    he: 'יש להגדיר STUDIOOPS_URL ו־STUDIOOPS_TOKEN.',
  },
  ask: {
    en: 'Type "approve" to send exactly this to Jira: ',
    he: 'יש להקליד approve כדי לשלוח ל־Jira בדיוק את זה: ',
  },
  notApproved: { en: 'Nothing was sent.', he: 'דבר לא נשלח.' },
  isAsked: {
    en: 'The model asks this before it goes on. Answer on the page of the story.',
    he: 'המודל שואל זאת לפני שימשיך. יש לענות בדף הסיפור.',
  },
  nothing: { en: 'There is nothing that could be sent: ', he: 'אין מה לשלוח: ' },
} as const

export type StoryWork = {
  readonly env: Environment
  readonly terminal: Terminal
  readonly signal: AbortSignal
  readonly readInput: () => Promise<string>
  /** Undefined where nobody sits there. */
  readonly ask: ((question: string) => Promise<string>) | undefined
}

type Call = <S extends z.ZodType>(
  tool: string,
  args: Record<string, unknown>,
  output: S,
) => Promise<z.output<S>>

const options = {
  project: { type: 'string' },
  type: { type: 'string' },
  format: { type: 'string' },
  hash: { type: 'string' },
  'story-language': { type: 'string' },
  lang: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values']

type Asked = StoryWork & {
  readonly language: 'en' | 'he'
  readonly subject: string
  readonly values: Values
}

class RefusedError extends Error {}

/** `studioops story …`. @returns the exit code */
export async function runStory(args: readonly string[], work: StoryWork): Promise<number> {
  const language = chooseLanguage(args, work.env)
  const { terminal } = work
  const { positionals, values } = parseArgs({
    args: [...args],
    options,
    allowPositionals: true,
    strict: false,
  }) as { positionals: string[]; values: Values }
  const [deed = '', subject] = positionals
  const run = deeds[deed]
  if (values.help === true || run === undefined || subject === undefined) {
    terminal.out(storyHelp[language])
    return values.help === true ? 0 : 3
  }
  try {
    return await run({ ...work, language, subject, values })
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error
    terminal.tell(`${error.message}\n`)
    return 1
  }
}

const deeds: Readonly<Record<string, (asked: Asked) => Promise<number>>> = {
  draft,
  check,
  approve,
}

const isId = (text: string) => /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(text)

async function withServer(asked: Asked, work: (call: Call) => Promise<number>): Promise<number> {
  const { env, language } = asked
  const { STUDIOOPS_URL: url, STUDIOOPS_TOKEN: token } = env
  if (url === undefined || token === undefined) throw new RefusedError(texts.noServer[language])
  const client = new Client({ name: 'studioops story', version: '1' })
  const headers = { authorization: `Bearer ${token}`, 'accept-language': language }
  const target = new URL(`${url.replace(/\/+$/, '')}/mcp`)
  await client.connect(new StreamableHTTPClientTransport(target, { requestInit: { headers } }))
  const call: Call = async (name, given, output) => {
    const result = await client.callTool({ name, arguments: given })
    if (result.isError !== true) return output.parse(result.structuredContent)
    const said = result.content.flatMap((part) => (part.type === 'text' ? [part.text] : []))
    throw new RefusedError(said.join('\n'))
  }
  try {
    return await work(call)
  } finally {
    await client.close()
  }
}

const summary = z.object({
  id: z.string(),
  title: z.string(),
  state: z.string(),
  issueKey: z.string().optional(),
  issueUrl: z.string().optional(),
  pageUrl: z.string(),
})

const written = summary.extend({ question: z.string().optional() })

const inputOf = ({ subject, readInput }: Asked) =>
  subject === '-' ? readInput() : readFile(subject, 'utf8')

async function draft(asked: Asked): Promise<number> {
  const { values, terminal } = asked
  const requirement = await inputOf(asked)
  return withServer(asked, async (call) => {
    const made = await call(
      'studioops_draft_story',
      {
        requirement,
        format: values.format ?? 'classic',
        language: values['story-language'] ?? asked.language,
        ...(values.project === undefined ? {} : { project_key: values.project }),
        ...(values.type === undefined ? {} : { issue_type: values.type }),
      },
      summary,
    )
    const story = await whenWritten(asked, call, made.id)
    terminal.out(`${story.title}\n${story.pageUrl}\n`)
    if (story.question !== undefined)
      throw new RefusedError(`${story.question}\n${texts.isAsked[asked.language]}`)
    return tellRules(asked, call, made.id)
  })
}

async function whenWritten({ signal }: Asked, call: Call, id: string) {
  const args = { story_id: id }
  for (;;) {
    const story = await call('studioops_get_story', args, written)
    if (story.state !== 'writing' || story.question !== undefined) return story
    await sleep(500, undefined, { signal })
  }
}

const told = z.object({
  mayBeApproved: z.boolean(),
  rules: z.array(
    z.object({
      rule: z.string(),
      mode: z.string(),
      verdict: z.enum(['met', 'broken', 'not-applicable', 'unknown']),
      says: z.string(),
      fix: z.string(),
      places: z.array(z.string()),
    }),
  ),
  coverage: z.array(z.object({ criterion: z.string(), parts: z.array(z.int()) })),
})

async function tellRules(asked: Asked, call: Call, id: string): Promise<number> {
  return tell(asked, await call('studioops_check_story', { story_id: id }, told))
}

function tell({ terminal, language, values }: Asked, found: z.output<typeof told>): number {
  if (values.json === true) terminal.out(`${JSON.stringify(found)}\n`)
  else {
    for (const { rule, verdict, says, fix, places } of found.rules) {
      terminal.out(`${texts[verdict][language]}  ${rule}  ${says}\n`)
      if (verdict === 'broken') terminal.out(`    ${fix} (${places.join(', ')})\n`)
    }
    for (const { criterion, parts } of found.coverage)
      terminal.out(`${parts.map((part) => part + 1).join(', ') || '-'}  ${criterion}\n`)
  }
  return found.mayBeApproved ? 0 : 1
}

async function check(asked: Asked): Promise<number> {
  const { subject, language, values } = asked
  if (isId(subject)) return withServer(asked, (call) => tellRules(asked, call, subject))
  const story = readStoryText(await inputOf(asked))
  if (story === undefined) throw new RefusedError(texts.noHeadings[language])
  const storyLanguage = values['story-language'] === 'he' ? 'he' : 'en'
  const format = values.format === 'bdd' ? 'bdd' : 'classic'
  const results = checkStory({ story, format, language: storyLanguage })
  const isBroken = results.some(({ mode, verdict }) => mode === 'block' && verdict === 'broken')
  return tell(asked, {
    mayBeApproved: !isBroken,
    coverage: [],
    rules: results.map((result) => ({
      ...result,
      says: ruleWords(result, { language, of: 'message' }),
      fix: ruleWords(result, { language, of: 'fix' }),
      places: result.findings.map(({ at }) => at),
    })),
  })
}

const shownPayload = z.object({
  version: z.int(),
  payloadHash: z.string().optional(),
  project: z.string().optional(),
  issues: z.array(z.object({ type: z.string(), summary: z.string(), description: z.string() })),
  joins: z.array(z.string()),
  reason: z.string().optional(),
})

async function approve(asked: Asked): Promise<number> {
  const { subject, language, terminal } = asked
  return withServer(asked, async (call) => {
    const shown = await call('studioops_preview_story', { story_id: subject }, shownPayload)
    const { payloadHash, version } = shown
    if (payloadHash === undefined)
      throw new RefusedError(`${texts.nothing[language]}${shown.reason ?? ''}`)
    showPayload(asked, shown)
    if (!(await isMeant(asked, payloadHash))) {
      terminal.tell(`${texts.notApproved[language]}\n`)
      return 2
    }
    const args = { story_id: subject, version, payload_hash: payloadHash }
    const made = await call('studioops_approve_story', args, summary)
    terminal.out(`${made.state} ${made.issueKey ?? ''} ${made.issueUrl ?? made.pageUrl}\n`)
    return 0
  })
}

function showPayload({ terminal }: Asked, shown: z.output<typeof shownPayload>): void {
  for (const { type, summary: title, description } of shown.issues)
    terminal.out(`${shown.project ?? ''} · ${type} · ${title}\n\n${description}\n\n`)
  for (const join of shown.joins) terminal.out(`${join}\n`)
  terminal.out(`${shown.payloadHash ?? ''}\n`)
}

/** Without a terminal only a hash that somebody has seen before is taken (D-25). */
async function isMeant({ values, ask, language }: Asked, payloadHash: string): Promise<boolean> {
  if (values.hash !== undefined) return values.hash === payloadHash
  return (await ask?.(texts.ask[language]))?.trim() === 'approve'
}
