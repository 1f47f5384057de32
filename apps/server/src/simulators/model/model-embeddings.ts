import { createHash } from 'node:crypto'
import { isJsonObject, type JsonValue, memberText } from '../json-value.ts'

export const embeddingDimensions = 256

/** Texts with like pieces of three letters lie near each other; the same text always in the same place. */
export function embeddingOf(text: string): number[] {
  const vector = Array.from({ length: embeddingDimensions }, () => 0)
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])
    for (let from = -1; from <= word.length - 2; from += 1) {
      const hash = createHash('sha256')
        .update(` ${word} `.slice(from + 1, from + 4))
        .digest()
      const place = hash.readUInt16LE(0) % embeddingDimensions
      vector[place] = (vector[place] ?? 0) + ((hash[2] ?? 0) % 2 === 0 ? 1 : -1)
    }
  const length = Math.hypot(...vector) || 1
  return vector.map((number) => number / length)
}

export type EmbeddingRequest = { readonly model: string; readonly texts: readonly string[] }

/** @returns undefined where the body is none of OpenAI's */
export function readEmbeddingRequest(body: JsonValue): EmbeddingRequest | undefined {
  if (!isJsonObject(body)) return undefined
  const model = memberText(body, 'model')
  const { input } = body
  const texts = typeof input === 'string' ? [input] : input
  const isRight =
    model !== '' &&
    Array.isArray(texts) &&
    texts.length > 0 &&
    texts.length <= 2_048 &&
    texts.every((text) => typeof text === 'string' && text !== '')
  return isRight ? { model, texts: texts.map(String) } : undefined
}
