import { errorText } from '@studioops/contracts/errors'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../platform/errors/app-error.ts'
import { beginEventStream } from '../../platform/http/begin-event-stream.ts'
import { fieldErrors } from '../../platform/http/field-errors.ts'
import { languageOf } from '../../platform/http/server.ts'
import type { Log } from '../../platform/log/log.ts'
import type { AccessTokens } from '../access-tokens/index.ts'
import type { OpenChain } from './models.chain.ts'
import {
  anyModel,
  completionChunks,
  completionRequest,
  questionOf,
  wholeCompletion,
} from './models.completions.ts'
import { eventsOf } from './models.answer.ts'
import type { AnswerEvent, AskModels, OpenedModel } from './models.port.ts'

type Dependencies = {
  readonly http: FastifyInstance
  readonly log: Log
  readonly tokens: Pick<AccessTokens, 'recognise'>
  /** Refuses pages of other sites, and names that were bent to our address. */
  readonly isFromHere: (request: FastifyRequest) => boolean
  readonly limit: (request: FastifyRequest, who: string) => void
  readonly openChain: OpenChain
  readonly askModels: AskModels
}

/**
 * The models of the workspace behind OpenAI's API, for programs such as an editor, with a token of a
 * person: their rights, their order, their budget, our failover.
 */
export function serveCompletions(dependencies: Dependencies): void {
  const { http, log, tokens, limit, openChain, askModels } = dependencies

  /** @throws AppError where no token of somebody's that may use models is brought */
  async function admit(request: FastifyRequest) {
    if (!dependencies.isFromHere(request)) throw new AppError('request.forged')
    const [, token] = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? []
    const holder = token === undefined ? undefined : await tokens.recognise(token)
    if (holder === undefined) throw new AppError('access-token.needed')
    request.work.userId = holder.userId
    limit(request, holder.userId)
    if (!holder.scopes.includes('models.use'))
      throw new AppError('access-token.scope', { facts: { name: 'models.use' } })
    return { userId: holder.userId, language: languageOf(request) }
  }

  const guarded =
    (answer: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>) =>
    async (request: FastifyRequest, reply: FastifyReply) => {
      reply.header('cache-control', 'no-store')
      try {
        return await answer(request, reply)
      } catch (error) {
        return refuse(error, { request, reply, log })
      }
    }

  http.get(
    '/v1/models',
    guarded(async (request) => {
      const chain = await openChain(await admit(request)).catch(none)
      const names = [anyModel, ...new Set(chain.map(nameOf))]
      return { object: 'list', data: names.map(presentModel) }
    }),
  )

  http.get<{ Params: { '*': string } }>('/v1/models/*', (request, reply) =>
    guarded(async () => {
      const chain = await openChain(await admit(request)).catch(none)
      const wanted = request.params['*']
      if (wanted === anyModel || chain.some((model) => isCalled(model, wanted)))
        return presentModel(wanted)
      throw new AppError('model.no-such-provider')
    })(request, reply),
  )

  http.post(
    '/v1/chat/completions',
    guarded(async (request, reply) => {
      const caller = await admit(request)
      const read = completionRequest.safeParse(request.body)
      if (!read.success)
        throw new AppError('request.invalid', { fields: fieldErrors(read.error.issues) })
      const wanted = read.data
      const left = new AbortController()
      reply.raw.once('close', () => left.abort())
      const choice = await choiceOf(wanted.model, caller)
      const asked = { ...questionOf(wanted), ...caller, choice, signal: left.signal }
      if (wanted.stream !== true) return wholeCompletion(askModels(asked))
      const answer = eventsOf<AnswerEvent>(
        async (push) => push(await askModels(asked, push)),
        () => left.abort(),
      )
      const includesUsage = wanted.stream_options?.include_usage === true
      return stream(completionChunks(answer, { includesUsage }), { request, reply, log })
    }),
  )

  /** @throws AppError `model.no-such-provider` */
  async function choiceOf(
    wanted: string,
    caller: { readonly userId: string; readonly language: 'en' | 'he' },
  ): Promise<string | undefined> {
    if (wanted === anyModel) return undefined
    const chain = await openChain(caller).catch(none)
    const found = chain.find((model) => isCalled(model, wanted))
    if (found === undefined) throw new AppError('model.no-such-provider')
    return found.id
  }
}

function none(error: unknown): readonly OpenedModel[] {
  if (error instanceof AppError) return []
  throw error
}

function nameOf({ candidate }: OpenedModel): string {
  return candidate.model.name
}

function isCalled(model: OpenedModel, wanted: string): boolean {
  return nameOf(model) === wanted || model.id === wanted
}

function presentModel(id: string) {
  return { id, object: 'model', created: 0, owned_by: 'studioops' }
}

type Exchange = {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly log: Log
}

/** The head waits for the first chunk, so that a refusal still has a status of its own. */
async function stream(chunks: AsyncGenerator<object>, exchange: Exchange): Promise<unknown> {
  const first = await chunks.next()
  const { reply } = exchange
  const events = beginEventStream(reply)
  const write = async (data: string) => {
    if (!events.write(`data: ${data}\n\n`)) await events.room()
  }
  try {
    if (first.done !== true) await write(JSON.stringify(first.value))
    for await (const chunk of chunks) await write(JSON.stringify(chunk))
    await write('[DONE]')
  } catch (error) {
    // No `[DONE]` and no reason to finish: a client takes it for what it is.
    await write(JSON.stringify(errorBody(toAppError(error, exchange), exchange.request)))
  }
  events.end()
  return reply
}

function toAppError(error: unknown, { log }: Pick<Exchange, 'log'>): AppError {
  if (error instanceof AppError) return error
  log.error({ err: error }, 'a completion failed')
  return new AppError('internal', { cause: error })
}

function refuse(error: unknown, exchange: Exchange): FastifyReply {
  const refusal = toAppError(error, exchange)
  const { reply, request } = exchange
  if (refusal.retryAfterSeconds !== undefined)
    reply.header('retry-after', String(refusal.retryAfterSeconds))
  if (refusal.code === 'access-token.needed') reply.header('www-authenticate', 'Bearer')
  return reply.code(refusal.status).type('application/json').send(errorBody(refusal, request))
}

/** As OpenAI writes errors; `code` is that of our catalogue. */
function errorBody(refusal: AppError, request: FastifyRequest) {
  const { message, next } = errorText(refusal.code, languageOf(request), refusal.facts)
  const [field] = refusal.fields
  return {
    error: {
      message: [message, ...next].join(' '),
      type: refusal.status < 500 ? 'invalid_request_error' : 'server_error',
      param: field?.pointer ?? null,
      code: refusal.code,
    },
  }
}
