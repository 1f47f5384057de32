import { limits } from '@studioops/contracts/limits'
import { storyEdits, type KeptEdit, type StoryEdits } from '@studioops/contracts/stories'
import {
  storyChild,
  type StoryChild,
  type StoryContent,
  storyContent,
} from '@studioops/contracts/story-content'
import { pointsMaxOf, type RuleResult, type RuleSubject } from '@studioops/contracts/story-rules'
import { lostCriteria } from '@studioops/contracts/story-split'
import type { TemplateSection } from '@studioops/contracts/story-templates'
import { z } from 'zod'
import type { Database, Db } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { toProblem } from '../../platform/errors/problem.ts'
import { currentContext, type Log } from '../../platform/log/log.ts'
import type { AnswerDone, AskModels, Question, ToldEvent, Voice } from '../models/index.ts'
import type { Generate, Outcome, RunContext } from '../runs/index.ts'
import { keepEdits, noEdits } from './stories.edits.ts'
import { composeOffline } from './stories.offline.ts'
import * as prompt from './stories.prompt.ts'
import type { StoryPrompts } from './stories.prompts.ts'
import { readReply, readSplit } from './stories.reading.ts'
import type { StoryRulesDesk } from './stories.rules.ts'
import type { StorySources } from './stories.sources.ts'
import { withLostCriteria } from './stories.split.ts'
import * as store from './stories.store.ts'
import type { StoryTemplates } from './stories.templates.ts'

/** What a run was asked for; kept with it, so that a later process can go on. */
export const runInput = z.object({
  instruction: z.string().optional(),
  /** Of a split: only this child is changed. */
  child: z.int().optional(),
  keepEdits: z.boolean().default(true),
  split: z.boolean().default(false),
})

type Dependencies = {
  readonly database: Database
  readonly log: Log
  readonly askModels: AskModels
  readonly rules: Pick<StoryRulesDesk, 'forStory'>
  readonly templates: Pick<StoryTemplates, 'ofStory'>
  readonly prompts: Pick<StoryPrompts, 'textOf'>
  readonly sources: Pick<StorySources, 'contextOf'>
}

type Usage = { readonly inputTokens: number; readonly outputTokens: number }

/** One answer of the model, as far as it came. */
type Answer =
  | {
      readonly kind: 'whole'
      readonly text: string
      readonly usage: Usage | undefined
      /** The model had more to say than it was allowed. */
      readonly isCut: boolean
      readonly model: string
    }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly reason: AppError }

/** What came of one question and its repairs. */
type Made<T> =
  | {
      readonly kind: 'made'
      readonly value: T
      readonly usage: Usage | undefined
      readonly model: string
    }
  | { readonly kind: 'clarify'; readonly question: string; readonly options: string[] }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly reason: AppError }

type MadeWhole<T> = Extract<Made<T>, { kind: 'made' }>

/** What is in an answer, and what of it has to be mended. */
type Reading<T> =
  | {
      readonly kind: 'value'
      readonly value: T
      readonly broken: readonly RuleResult[]
      readonly problem?: string | undefined
    }
  | { readonly kind: 'clarify'; readonly question: string; readonly options: string[] }
  | { readonly kind: 'unusable'; readonly problem: string }

/** What a run works on. */
type Task = {
  readonly assignment: prompt.Assignment
  readonly input: z.output<typeof runInput>
  /** The story before it, where there is one. */
  readonly before:
    | {
        readonly content: StoryContent
        readonly children: readonly StoryChild[]
        readonly edits: StoryEdits
      }
    | undefined
  /** Repairs that are left, of the story and its split together (STY-11). */
  readonly rounds: { left: number }
}

type Conversation<T> = {
  readonly messages: (voice: Voice) => readonly prompt.ChatMessage[]
  readonly callType: CallType
  readonly reply: Question['reply']
  readonly read: (answer: Whole) => Reading<T>
  /** False: its words are not told, only that it goes on. */
  readonly isTold: boolean
}

/**
 * Writes a story: model, at most two automatic repairs, then the person; what is too large is cut
 * into smaller ones. Without a model the offline draft (D-9).
 */
export function createStoryWriter(dependencies: Dependencies): Generate {
  const { database, log, askModels } = dependencies

  return async function write(run) {
    const task = await readTask(run)
    const { before, input } = task
    const isRedone = input.split && input.instruction === undefined && before !== undefined
    const made = isRedone
      ? ({ kind: 'made', value: before.content, usage: undefined, model: '' } as const)
      : await tell(run, task, storyConversation(task))
    switch (made.kind) {
      case 'stopped':
        return { kind: 'ended', done: { state: 'stopped', fallback: false } }
      case 'clarify':
        return { kind: 'waiting', question: made }
      case 'made':
        return keep(run, task, made)
      case 'failed':
        return offline(run, task, made.reason)
    }
  }

  /** One question, and as many repairs as are left. A result that breaks a rule is better than none. */
  async function tell<T>(run: RunContext, task: Task, asked: Conversation<T>): Promise<Made<T>> {
    const { language } = task.assignment
    const { read, isTold, reply } = asked
    const repairs: Repair[] = []
    const messages = (voice: Voice) => [
      ...asked.messages(voice),
      ...repairs.flatMap((repair) => repairIn(voice, repair, language)),
    ]
    let best: MadeWhole<T> | undefined
    for (;;) {
      const round = limits.regenerationRounds - task.rounds.left
      const callType = repairs.length > 0 ? 'validate' : asked.callType
      const question = { ...questionOf(run, language), reply, messages, callType }
      const answer = await listen(run, (hear) => askModels(question, hear), { round, isTold })
      if (answer.kind !== 'whole') return insteadOf(answer, best)
      const reading = readAnswer(answer, read)
      if (reading.kind === 'clarify') return reading
      if (reading.kind === 'value') best = { ...answer, kind: 'made', value: reading.value }
      const problem = problemOf(reading, language)
      if (problem === undefined || task.rounds.left === 0) return best ?? unusable()
      task.rounds.left -= 1
      takeBack(run, { text: answer.text, reading, isTold })
      repairs.push({ answer: answer.text, problem })
    }
  }

  async function readTask(run: RunContext): Promise<Task> {
    const input = runInput.parse(run.input)
    const { userId } = run
    const storyId = storyOf(run)
    const { story, newest, ...given } = await database.asUser(userId, (db) =>
      readGiven(db, storyId),
    )
    // Both columns have check constraints that list exactly these.
    const language = story.language as prompt.Assignment['language']
    const sources = await dependencies.sources.contextOf({ userId, storyId, language })
    const before = newest && {
      content: storyContent.parse(newest.content),
      children: z.array(storyChild).parse(newest.children ?? []),
      edits: storyEdits.catch(noEdits).parse(newest.edits),
    }
    const isRefined = input.instruction !== undefined && before !== undefined
    const edits = isRefined && input.keepEdits ? before.edits : undefined
    return {
      input,
      before,
      rounds: { left: limits.regenerationRounds },
      assignment: {
        ...given,
        requirement: story.requirement,
        format: story.format as prompt.Assignment['format'],
        language,
        projectKey: story.project_key ?? undefined,
        instruction: input.instruction,
        current: isRefined ? currentOf(before, input.child) : undefined,
        edits: input.child === undefined ? edits : undefined,
        clarifications: run.clarifications,
        sources,
      },
    }
  }

  async function readGiven(db: Db, storyId: string) {
    const story = await store.findStory(db, storyId)
    if (story === undefined) throw new AppError('story.not-found')
    const language = story.language as prompt.Assignment['language']
    const template = await dependencies.templates.ofStory(db, story)
    const sections: readonly TemplateSection[] =
      story.format === 'custom' ? (template?.sections ?? []) : []
    return {
      story,
      newest: await store.findNewestVersion(db, storyId),
      rules: await dependencies.rules.forStory(db, story.project_id ?? undefined),
      guidance: await dependencies.prompts.textOf(db, story.prompt, language),
      sections,
    }
  }

  /** Cuts what is too large; what comes of it always holds every criterion of the whole (STY-8). */
  async function cut(
    run: RunContext,
    task: Task,
    wish: prompt.SplitWish,
  ): Promise<Made<StoryChild[]>> {
    run.emit({ type: 'status', phase: 'splitting' })
    const made = await tell(run, task, splitConversation(task, wish))
    if (made.kind !== 'made') return made
    const children: StoryChild[] = []
    for (const content of made.value) {
      const isTooLarge = content.storyPoints > wish.pointsMax
      if (!isTooLarge) children.push({ content, level: wish.level })
      else if (wish.level === limits.splitLevels) return cannotCut(task, content)
      else {
        const parts = await cut(run, task, { ...wish, whole: content, level: 2 })
        if (parts.kind !== 'made') return parts
        children.push(...parts.value.map((part) => ({ ...part, splitFrom: content.summary })))
      }
    }
    if (children.length > limits.childrenMax) return cannotCut(task, wish.whole)
    return { ...made, value: withLostCriteria(wish.whole, children) }
  }

  async function keep(
    run: RunContext,
    task: Task,
    made: MadeWhole<StoryContent>,
  ): Promise<Outcome> {
    const { input } = task
    const { usage, model } = made
    const { content, edits, kept, ...mine } = merged(task, made.value)
    const parts = await partsOf(run, task, { content, children: mine.children })
    if (parts.kind === 'stopped')
      return { kind: 'ended', done: { state: 'stopped', fallback: false } }
    if (parts.kind === 'clarify') return { kind: 'waiting', question: parts }
    // Without a split that can be used the person decides: its rule keeps it from being approved.
    const children = parts.kind === 'made' ? withLostCriteria(content, parts.value) : []
    const version = await save(run, {
      source: 'model',
      content,
      instruction: input.instruction,
      model: model === '' ? undefined : model,
      edits,
      keptEdits: kept,
      ...(children.length === 0 ? {} : { children }),
    })
    const done = { state: 'complete' as const, version, fallback: false, ...(usage && { usage }) }
    return { kind: 'ended', done }
  }

  /** The children of what was written: as they are, cut anew, or none. */
  async function partsOf(
    run: RunContext,
    task: Task,
    { content, children }: Pick<Merged, 'content' | 'children'>,
  ): Promise<Made<readonly StoryChild[]>> {
    const { assignment, input, before } = task
    const asTheyAre = { kind: 'made' as const, value: children, usage: undefined, model: '' }
    const isHandmade = input.instruction !== undefined && hasHandwork(before)
    if (input.child !== undefined || (children.length > 0 && isHandmade)) return asTheyAre
    const pointsMax = pointsMaxOf(assignment.rules)
    const isTooLarge = pointsMax !== undefined && content.storyPoints > pointsMax
    if (!isTooLarge && !input.split) return { ...asTheyAre, value: [] }
    const wish = {
      whole: content,
      pointsMax: pointsMax ?? limits.storyPointsMax,
      level: 1 as const,
    }
    return cut(run, task, wish)
  }

  async function save(run: RunContext, version: Omit<store.NewVersion, 'storyId' | 'userId'>) {
    const { runId, userId } = run
    const storyId = storyOf(run)
    return database.asUser(userId, async (db) => {
      await store.lockStory(db, storyId)
      return store.insertVersion(db, { ...version, storyId, userId, runId })
    })
  }

  async function offline(run: RunContext, task: Task, reason: AppError): Promise<Outcome> {
    const { assignment, input, before } = task
    log.info({ run_id: run.runId, code: reason.code }, 'story drafted without a model')
    const correlationId = currentContext()?.correlationId ?? run.runId
    run.emit({
      type: 'error',
      problem: toProblem(reason, { correlationId, language: assignment.language }),
    })
    const made = composeOffline(assignment)
    run.emit({ type: 'assistant_token', text: JSON.stringify({ kind: 'story', ...made }) })
    const { content, children, edits } =
      before === undefined || input.instruction === undefined
        ? { content: made, children: [], edits: noEdits }
        : merged(task, made)
    const version = await save(run, {
      source: 'offline',
      content,
      instruction: input.instruction,
      edits,
      ...(children.length === 0 ? {} : { children: withLostCriteria(content, children) }),
    })
    return { kind: 'ended', done: { state: 'offline', version, fallback: true } }
  }
}

type Before = NonNullable<Task['before']>

/** @throws AppError `story.child-not-found` */
function currentOf({ content, children }: Before, child: number | undefined): StoryContent {
  if (child === undefined) return content
  const one = children[child]
  if (one === undefined) throw new AppError('story.child-not-found')
  return one.content
}

type Merged = {
  readonly content: StoryContent
  readonly children: readonly StoryChild[]
  readonly edits: StoryEdits
  readonly kept: KeptEdit[]
}

/** What was written, in its place, with everything by hand left as it was. */
function merged({ assignment, input, before }: Task, made: StoryContent): Merged {
  const { instruction } = assignment
  if (before === undefined || instruction === undefined)
    return { content: made, children: [], edits: noEdits, kept: [] }
  const { children, edits } = before
  if (input.child !== undefined) {
    const changed = children.map((child, index) =>
      index === input.child ? { ...child, content: made } : child,
    )
    return { content: before.content, children: changed, edits, kept: [] }
  }
  if (!input.keepEdits) return { content: made, children, edits: noEdits, kept: [] }
  const { content, kept } = keepEdits({ made, current: before.content, edits })
  return { content, children, edits, kept }
}

/** Children that a person has worked on stay: only what they miss is added. */
function hasHandwork(before: Before | undefined): boolean {
  return before !== undefined && before.edits.fields.some((path) => path.startsWith('children.'))
}

function storyConversation({ assignment, input }: Task): Conversation<StoryContent> {
  return {
    messages: ({ company }) =>
      prompt.askForStory(assignment, company?.systemPrompt ?? prompt.ownSystemPrompt),
    callType: assignment.instruction === undefined ? 'stream' : 'refine',
    reply: prompt.replySchema,
    isTold: true,
    read(answer) {
      const read = readReply(answer.text)
      if (read.kind === 'unusable') return read
      const { reply } = read
      if (reply.kind === 'story') {
        const { kind: _, ...value } = reply
        return { kind: 'value', value, broken: brokenOf(value, assignment, input.child) }
      }
      // A model that only ever asks would keep the person from a story.
      if (assignment.clarifications.length >= clarificationsMax)
        return { kind: 'unusable', problem: 'do not ask any more, write the story' }
      return { kind: 'clarify', question: reply.question, options: reply.options }
    },
  }
}

const clarificationsMax = 3

/** A whole story may be larger than the limit: then it is cut. A child may not. */
function brokenOf(
  story: StoryContent,
  assignment: prompt.Assignment,
  child: number | undefined,
): readonly RuleResult[] {
  const subject = subjectOf(story, assignment)
  const broken = prompt.mendable({ ...subject, isChild: child !== undefined }, assignment.rules)
  const isLarge = story.storyPoints > (pointsMaxOf(assignment.rules) ?? story.storyPoints)
  return broken.filter(
    ({ rule }) =>
      child !== undefined || !isLarge || (rule !== 'points.limit' && rule !== 'invest.small'),
  )
}

function subjectOf(story: StoryContent, assignment: prompt.Assignment): RuleSubject {
  const { format, language, projectKey, sections = [] } = assignment
  const wantedSections = sections.filter(({ isRequired }) => isRequired)
  return { story, format, language, projectKey, wantedSections }
}

function splitConversation(
  { assignment }: Task,
  wish: prompt.SplitWish,
): Conversation<StoryContent[]> {
  return {
    messages: () => prompt.askForSplit(assignment, wish),
    callType: 'refine',
    reply: prompt.splitSchema,
    isTold: false,
    read(answer) {
      const read = readSplit(answer.text)
      if (read.kind === 'unusable') return read
      const value = read.reply
      const isLast = wish.level === limits.splitLevels
      const broken = value.flatMap((story) =>
        prompt
          .mendable({ ...subjectOf(story, assignment), isChild: true }, assignment.rules)
          .filter(({ rule }) => rule !== 'points.limit' || isLast || story.storyPoints <= 0),
      )
      const lost = lostCriteria(wish.whole, value)
      const problem =
        lost.length === 0
          ? undefined
          : `- split.coverage: these criteria are in no child, put each word for word into one: ${lost.map((text) => `"${text}"`).join('; ')}`
      return { kind: 'value', value, broken, problem }
    },
  }
}

const cutWords = {
  en: {
    question: (title: string) =>
      `"${title}" is still too large after two cuts. How shall it go on?`,
    options: ['Only the core of it', 'Leave it out for now', 'Cut it by criterion, one story each'],
  },
  he: {
    question: (title: string) => `"${title}" עדיין גדול מדי אחרי שני פיצולים. איך להמשיך?`,
    options: ['רק את הליבה שלו', 'להשאיר אותו בחוץ בינתיים', 'לפצל לפי קריטריון, סיפור לכל אחד'],
  },
} as const

/** Two levels are the most (STY-8): then a person says what to do, unless they were asked enough. */
function cannotCut<T>({ assignment }: Task, { summary }: StoryContent): Made<T> {
  const { language, clarifications } = assignment
  if (clarifications.length >= clarificationsMax) return unusable()
  const { question, options } = cutWords[language]
  return { kind: 'clarify', question: question(summary), options: [...options] }
}

/** What was made before counts more than that the model has failed since. */
function insteadOf<T>(answer: Exclude<Answer, Whole>, best: MadeWhole<T> | undefined): Made<T> {
  return answer.kind === 'failed' ? (best ?? answer) : answer
}

type Repair = { readonly answer: string; readonly problem: string }

function repairIn({ company }: Voice, { answer, problem }: Repair, language: 'en' | 'he') {
  const repairPrompt = company?.repairPrompt ?? prompt.repairRequest
  return prompt.askToRepair(answer, repairPrompt({ problem, language }))
}

const unusable = () => ({
  kind: 'failed' as const,
  reason: new AppError('model.invalid-story', { facts: { rounds: limits.regenerationRounds } }),
})

/** What was told of an answer that has to be mended is void, and why is named (STY-11). */
function takeBack<T>(run: RunContext, { text, reading, isTold }: Void<T>): void {
  if (!isTold) return
  const rules = reading.kind === 'value' ? reading.broken.map(({ rule }) => rule) : []
  run.emit({ type: 'reset', reason: 'invalid', discarded: text.length, rules })
}

type Void<T> = {
  readonly text: string
  readonly reading: Reading<T>
  readonly isTold: boolean
}

function readAnswer<T>(answer: Whole, read: (answer: Whole) => Reading<T>): Reading<T> {
  if (!answer.isCut) return read(answer)
  return { kind: 'unusable', problem: 'it was cut off by the length limit; use fewer words' }
}

/** What the next round is told; undefined where there is nothing to mend. */
function problemOf<T>(reading: Reading<T>, language: 'en' | 'he'): string | undefined {
  if (reading.kind === 'unusable') return reading.problem
  if (reading.kind === 'clarify') return undefined
  const { broken, problem } = reading
  const all = [prompt.explainAll(broken, language), problem ?? ''].filter((text) => text !== '')
  return all.length === 0 ? undefined : all.join('\n')
}

function storyOf({ subject }: RunContext): string {
  if (subject.kind !== 'story') throw new Error('a run of something else came to the story writer')
  return subject.storyId
}

function questionOf(
  { userId, signal }: RunContext,
  language: 'en' | 'he',
): Omit<Question, 'messages'> {
  return { userId, purpose: 'story', language, signal, maxOutputTokens: 8_000 }
}

type CallType = 'stream' | 'refine' | 'validate'

/** Passes the answer on as it comes. What broke off is taken back visibly; it is never continued. */
async function listen(
  run: RunContext,
  ask: (hear: (event: ToldEvent) => void) => Promise<AnswerDone>,
  telling: Telling,
): Promise<Answer> {
  let isThinking = false
  const hear = (event: ToldEvent) => {
    if (event.type !== 'thinking' || !isThinking) emit(run, telling, event)
    isThinking = event.type === 'thinking'
  }
  try {
    return wholeOf(run, await ask(hear))
  } catch (error) {
    if (run.signal.aborted || !(error instanceof AppError)) throw error
    return { kind: 'failed', reason: error }
  }
}

type Telling = { readonly round: number; readonly isTold: boolean }

function wholeOf(run: RunContext, end: AnswerDone): Answer {
  const { text, usage, finishReason, model, state } = end
  if (state !== 'stopped')
    return { kind: 'whole', text, usage, isCut: finishReason === 'length', model }
  if (run.isStopped()) return { kind: 'stopped' }
  throw new Error('the process ends before the answer does')
}

function emit(run: RunContext, { round, isTold }: Telling, event: ToldEvent): void {
  if (!isTold) return
  switch (event.type) {
    case 'status':
      return run.emit({
        type: 'provider',
        model: event.model,
        attempt: round + event.attempt,
        round,
      })
    case 'token':
      return run.emit({ type: 'assistant_token', text: event.text })
    case 'thinking':
      return run.emit({ type: 'thinking' })
    case 'reset': {
      const { reason, discarded } = event
      return run.emit({ type: 'reset', reason, discarded: discarded.length })
    }
    default:
      // The last one has the usage too, and no tools are offered.
      return
  }
}

type Whole = Extract<Answer, { kind: 'whole' }>
