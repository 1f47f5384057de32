import { randomBytes } from 'node:crypto'
import { limits } from '@studioops/contracts/limits'
import type { ChatMessage } from '../../integrations/llm/chat-request.ts'
import type { ToolCall } from '../../integrations/llm/tool-calls.ts'
import type { Database } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { toProblem } from '../../platform/errors/problem.ts'
import { currentContext, type Log } from '../../platform/log/log.ts'
import type { AnswerDone, AskModels, AskStructured, Passage, Question } from '../models/index.ts'
import type { Generate, Outcome, RunContext } from '../runs/index.ts'
import type { ToolService } from '../tools/index.ts'
import { type Budget, createBudget } from './chats.budget.ts'
import { type Calls, createCalls } from './chats.calls.ts'
import {
  createSources,
  ownTurns,
  ownWords,
  recentTurns,
  type Sources,
  wholeQuestion,
} from './chats.context.ts'
import { linkedItems, type LinkedItem } from './chats.links.ts'
import type { FindPassages, FindPurchases } from './chats.port.ts'
import * as prompt from './chats.prompt.ts'
import { readScene, type Scene } from './chats.scene.ts'
import { createSpeech, type Speech } from './chats.speech.ts'
import * as store from './chats.store.ts'
import { type ChatTool, chatToolsOf, createGate, type Gate, toOffer } from './chats.tools.ts'

type Dependencies = {
  readonly database: Database
  readonly log: Log
  readonly askModels: AskModels
  readonly askStructured: AskStructured
  readonly tools: Pick<ToolService, 'known' | 'call'>
  /** Base URL of what a server of the person stands for. */
  readonly placeOf: (userId: string, server: string) => Promise<string | undefined>
  readonly findPassages: FindPassages
  /** Before the transaction in which they are found. */
  readonly preparePassages: (question: string) => Promise<void>
  readonly findPurchases: FindPurchases
}

/** One answer while it is made. */
type Work = {
  readonly run: RunContext
  readonly scene: Scene
  readonly gate: Gate
  readonly budget: Budget
  readonly sources: Sources
  readonly speech: Speech
  readonly calls: Calls
  readonly fence: string
  readonly tools: readonly ChatTool[]
}

type Asked = { readonly question: string; readonly options: readonly string[] }

const passagesMax = 12

/**
 * Writes one answer of a chat. In this order, and no other (SEC-14): which tools may be used is
 * planned from the words of the person alone; then text of others is read; then a model answers, and
 * what it asks for is read, proposed or refused by that plan.
 */
export function createChatWriter(dependencies: Dependencies): Generate {
  const {
    database,
    log,
    askModels,
    askStructured,
    findPassages,
    preparePassages,
    findPurchases,
    placeOf,
  } = dependencies

  return async function write(run) {
    const scene = await readScene(database, run)
    const tools = chatToolsOf(await dependencies.tools.known(run.userId))
    const gate = createGate(tools, await plan(run, scene, tools))
    const fence = `source-${randomBytes(6).toString('hex')}`
    const budget = createBudget(limits.chatContextTokens)
    const sources = createSources(budget, fence)
    const calls = createCalls(dependencies, { run, messageId: scene.messageId, gate, sources })
    const speech = createSpeech(run)
    const work = { run, scene, gate, budget, sources, speech, calls, fence, tools }
    try {
      budget.require('instructions', prompt.answerRules(scene.language, fence))
      budget.require('question', wholeQuestion(scene))
      await gather(work)
      return await answer(work)
    } catch (error) {
      if (run.signal.aborted && run.isStopped()) return stop(work)
      if (run.signal.aborted || !(error instanceof AppError)) throw error
      return fail(work, error)
    }
  }

  /** Names of the tools that may be used. Where in doubt: none. */
  async function plan(run: RunContext, scene: Scene, tools: readonly ChatTool[]) {
    if (!scene.usesTools || tools.length === 0) return []
    run.emit({ type: 'status', phase: 'planning' })
    const turns = ownTurns(scene.turns).slice(-6)
    try {
      const answer = await askStructured({
        userId: run.userId,
        projectId: scene.projectId,
        purpose: 'chat',
        language: scene.language,
        messages: prompt.planMessages(turns, ownWords(scene), tools),
        reply: prompt.planSchema,
        schema: prompt.planReply,
        maxOutputTokens: 500,
        callType: 'validate',
        signal: run.signal,
      })
      return answer.kind === 'read' ? answer.value.tools : []
    } catch (error) {
      if (run.signal.aborted || !(error instanceof AppError)) throw error
      log.info({ run_id: run.runId, code: error.code }, 'chat answered without a plan')
      return []
    }
  }

  /** Everything of others that is known before a model answers. */
  async function gather(work: Work): Promise<void> {
    const { run, scene, sources } = work
    const items = linkedItems(ownWords(scene))
    const { projectId } = scene
    if (items.length > 0 || projectId !== undefined) run.emit({ type: 'status', phase: 'reading' })
    for (const item of items) await readLinked(work, item)
    if (projectId === undefined) return
    const asked = { userId: run.userId, projectId, question: ownWords(scene) }
    await preparePassages(asked.question)
    const [passages, purchases] = await database.asUser(run.userId, async (db) => [
      await findPassages(db, { ...asked, limit: passagesMax }),
      await findPurchases(db, asked),
    ])
    if (purchases !== undefined) sources.addPurchases(purchases, projectId)
    for (const passage of passages) sources.addPassage(passage, projectId)
  }

  /** A person pasted the address: that is a wish to read it, where it is an address of their own system. */
  async function readLinked({ run, tools, calls }: Work, item: LinkedItem): Promise<void> {
    const tool = tools.find(
      (one) => one.server === item.server && one.tool === item.tool && one.effect === 'read',
    )
    const place = tool && (await placeOf(run.userId, item.server))
    if (tool === undefined || place === undefined || !isOf(item, place)) return
    await calls.read(tool, item.args, 'items')
  }

  async function answer(work: Work): Promise<Outcome> {
    const { run, scene, budget, speech, calls, gate } = work
    const turns = recentTurns(budget, scene.turns)
    const messages: ChatMessage[] = [
      { role: 'system', content: prompt.answerRules(scene.language, work.fence) },
      ...turns.map(({ message }) => message),
      { role: 'user', content: besides(work) },
    ]
    const isTainted = () => work.sources.all().length > 0 || turns.some((turn) => turn.isTainted)
    run.emit({ type: 'status', phase: 'writing' })
    for (let round = 0; ; round += 1) {
      const offers = [...gate.allowed().map(toOffer), prompt.askPerson]
      const isLast = round >= limits.chatRoundsMax
      const question: Question = {
        userId: run.userId,
        projectId: scene.projectId,
        purpose: 'chat',
        language: scene.language,
        messages: [...messages],
        callType: 'chat',
        signal: run.signal,
        passages: () => Promise.resolve(passagesOf(work)),
        ...(isLast ? {} : { tools: offers }),
      }
      const done = await askModels(question, speech.hear)
      speech.endRound()
      if (done.state === 'stopped') {
        if (run.isStopped()) return stop(work)
        throw new Error('the process ends before the answer does')
      }
      if (done.state !== 'complete' || done.toolCalls.length === 0 || isLast)
        return end(work, { done, isTainted: isTainted() })
      const asked = questionIn(done.toolCalls)
      if (asked !== undefined) return { kind: 'waiting', question: asked }
      messages.push(...(await carryOut(done, calls)))
    }
  }

  /** Keeps what was written. The run says so after it is kept. */
  async function end(
    work: Work,
    { done, isTainted }: { readonly done: AnswerDone; readonly isTainted: boolean },
  ): Promise<Outcome> {
    const { run, scene, speech } = work
    const { state } = done
    if (done.reason !== undefined) tellProblem(work, done.reason)
    if (state === 'offline') log.info({ run_id: run.runId }, 'chat answered without a model')
    await keep(work, {
      state,
      text: speech.text(),
      model: done.fallback ? undefined : done.model,
      isTainted,
      sources: done.citations === undefined ? work.sources.all() : citedOf(work, done.citations),
      usage: done.usage,
      problem: done.reason && { code: done.reason.code, facts: done.reason.facts },
    })
    // An offline answer may cause nothing (D-9): no model has asked for what is proposed.
    if (done.fallback)
      await database.asUser(run.userId, (db) => store.forgetCalls(db, scene.messageId))
    const { fallback, usage } = done
    return { kind: 'ended', done: { state, fallback, ...(usage && { usage }) } }
  }

  async function stop(work: Work): Promise<Outcome> {
    const isTainted = work.sources.all().length > 0
    await keep(work, {
      state: 'stopped',
      text: work.speech.text(),
      isTainted,
      sources: work.sources.all(),
    })
    return { kind: 'ended', done: { state: 'stopped', fallback: false } }
  }

  async function fail(work: Work, reason: AppError): Promise<Outcome> {
    tellProblem(work, reason)
    const { code, facts } = reason
    await keep(work, { state: 'failed', text: work.speech.text(), problem: { code, facts } })
    return { kind: 'ended', done: { state: 'failed', fallback: false } }
  }

  async function keep(work: Work, ending: store.Ending): Promise<void> {
    const { run, scene, speech, budget } = work
    await database.asUser(run.userId, async (db) => {
      const discarded = speech.discarded()
      const model = speech.model() === '' ? undefined : speech.model()
      await store.endMessage(db, scene.messageId, {
        model,
        discarded,
        context: budget.report(),
        ...ending,
      })
      await store.updateChat(db, scene.chatId, { isTouched: true })
    })
  }
}

function tellProblem({ run, scene }: Work, reason: AppError): void {
  const correlationId = currentContext()?.correlationId ?? run.runId
  const problem = toProblem(reason, { correlationId, language: scene.language })
  run.emit({ type: 'error', problem })
}

function isOf({ url, server }: LinkedItem, place: string): boolean {
  const host = URL.parse(url)?.host
  // Cards have an address of their own; what answers for them is another host.
  return host === URL.parse(place)?.host || (server === 'trello' && host === 'trello.com')
}

/** The question with everything of others behind it. */
function besides({ scene, sources }: Work): string {
  const text = sources.text()
  return text === '' ? wholeQuestion(scene) : `${wholeQuestion(scene)}\n\n${text}`
}

const offlinePassagesMax = 5

function passagesOf({ sources }: Work): Passage[] {
  return sources
    .all()
    .slice(0, offlinePassagesMax)
    .map(({ number, title, passage }) => ({ id: String(number), title, text: passage }))
}

function citedOf({ sources }: Work, citations: readonly Passage[]) {
  return citations.flatMap(({ id }, index) =>
    sources
      .all()
      .filter(({ number }) => String(number) === id)
      .map((source) => ({ ...source, number: index + 1 })),
  )
}

function questionIn(calls: readonly ToolCall[]): Asked | undefined {
  const call = calls.find(({ name }) => name === prompt.askPerson.name)
  if (call === undefined) return undefined
  try {
    const read = prompt.askedPerson.safeParse(JSON.parse(call.arguments))
    return read.success ? read.data : undefined
  } catch {
    return undefined
  }
}

/** @returns what the model asked for, and what came of it */
async function carryOut(done: AnswerDone, calls: Calls): Promise<ChatMessage[]> {
  const { text: content, toolCalls, reasoning } = done
  const messages: ChatMessage[] = [{ role: 'assistant', content, toolCalls, reasoning }]
  for (const call of toolCalls)
    messages.push({ role: 'tool', toolCallId: call.id, content: await calls.judge(call) })
  return messages
}
