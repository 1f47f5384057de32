import { z } from 'zod'
import { OutboundError } from '../../platform/outbound/outbound-error.ts'
import { type ModelSettings, toConnection } from './model-connection.ts'
import { fromOutbound, ModelError } from './model-error.ts'

export type Embedder = {
  /** Vectors of two models cannot be compared. */
  readonly model: string
  /**
   * One vector of length 1 for each text, all of the same number of dimensions.
   *
   * @param texts at most 100
   * @throws ModelError
   */
  embed(texts: readonly string[], options: EmbedOptions): Promise<readonly Float32Array[]>
}

type EmbedOptions = { readonly deadlineMs: number; readonly signal?: AbortSignal | undefined }

const answered = z.object({
  data: z.array(
    z.object({ index: z.int().min(0), embedding: z.array(z.number()).min(1).max(8_192) }),
  ),
})

/** Asks `POST /embeddings` of an OpenAI-compatible server. */
export function createEmbedder(settings: ModelSettings): Embedder {
  const { model, host, outbound, request, urlOf } = toConnection(settings)

  const unexpected = (detail: string, status?: number) =>
    new ModelError({
      kind: 'unexpected-answer',
      host,
      model,
      detail,
      ...(status === undefined ? {} : { status }),
    })

  return {
    model,
    async embed(texts, { deadlineMs, signal }) {
      try {
        const { status, body } = await outbound.send({
          ...request,
          url: urlOf('embeddings'),
          method: 'POST',
          headers: { ...request.headers, 'content-type': 'application/json' },
          body: JSON.stringify({ model, input: texts, encoding_format: 'float' }),
          idempotent: true,
          deadlineMs,
          ...(signal && { signal }),
        })
        if (status !== 200) throw unexpected(`status ${status}`, status)
        return inOrder(body, texts.length) ?? fail(unexpected('no vector for each text', status))
      } catch (error) {
        throw error instanceof OutboundError ? fromOutbound(error, model) : error
      }
    },
  }
}

function fail(error: Error): never {
  throw error
}

/** @returns undefined where it is no answer to so many texts */
function inOrder(body: string, count: number): readonly Float32Array[] | undefined {
  const read = answered.safeParse(parsed(body))
  if (!read.success) return undefined
  const sorted = read.data.data.toSorted((one, other) => one.index - other.index)
  const dimensions = sorted[0]?.embedding.length
  const isWhole =
    sorted.length === count &&
    sorted.every(
      ({ index, embedding }, place) => index === place && embedding.length === dimensions,
    )
  return isWhole ? sorted.map(({ embedding }) => ofLengthOne(embedding)) : undefined
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

function ofLengthOne(numbers: readonly number[]): Float32Array {
  const length = Math.hypot(...numbers)
  return Float32Array.from(numbers, (number) => (length === 0 ? 0 : number / length))
}
