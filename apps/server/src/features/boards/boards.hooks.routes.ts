import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { limits } from '@studioops/contracts/limits'
import type { BoardHooks, Receipt } from './boards.hooks.ts'

const statusOf: Readonly<Record<Receipt, number>> = { taken: 200, forged: 401, gone: 410 }

const path = '/hooks/trello/:hookId'
const hookId = z.object({ hookId: z.uuid() })

type Rate = { take(request: FastifyRequest, who: string): void }

/** Where Trello calls. Nobody is signed in there: the signature says who calls. */
export async function serveBoardHooks(
  http: FastifyInstance,
  hooks: Pick<BoardHooks, 'knows' | 'receive'>,
  rate: Rate,
): Promise<void> {
  await http.register(async (scope) => {
    // The signature is over the bytes as they came.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) =>
      done(null, body),
    )
    scope.addHook('onRequest', async (request) => rate.take(request, request.ip))

    scope.head(path, async (request, reply) => {
      const { data } = hookId.safeParse(request.params)
      const isKnown = data !== undefined && (await hooks.knows(data.hookId))
      return reply.code(isKnown ? 200 : 410).send()
    })

    scope.post(path, { bodyLimit: limits.bodyBytesMax }, async (request, reply) => {
      const { data } = hookId.safeParse(request.params)
      const { body } = request
      const signature = [request.headers['x-trello-webhook']].flat()[0]
      const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0)
      const receipt =
        data === undefined
          ? 'gone'
          : await hooks.receive(data.hookId, { body: bytes, signature: signature })
      return reply.code(statusOf[receipt]).send()
    })
  })
}
