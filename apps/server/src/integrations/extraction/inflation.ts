import { inflateSync } from 'node:zlib'

type Pair = { readonly readable: AsyncIterable<Uint8Array>; readonly writable: object }

/**
 * Has every `DecompressionStream` of this thread inflate at once instead of by way of other threads,
 * which costs pdf.js more than the inflating, and counts what comes out: zlib's memory lies outside
 * the heap whose size limits a thread.
 *
 * @returns begins to count anew
 */
export function boundInflation(bytesMax: number, onTooLarge: () => void): () => void {
  let left = bytesMax
  const Usual = globalThis.DecompressionStream

  async function inflate(bytes: Uint8Array): Promise<Uint8Array> {
    try {
      const inflated = inflateSync(bytes, { maxOutputLength: Math.max(1, left) })
      left -= inflated.length
      return inflated
    } catch (error) {
      const isTooLarge = error instanceof RangeError
      if (!isTooLarge) throw error
      onTooLarge()
      // Nobody reads on.
      return new Promise(() => undefined)
    }
  }

  function createPair(): Pair {
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
    promise.catch(() => undefined)
    async function write(bytes: Uint8Array): Promise<void> {
      await inflate(bytes).then(resolve, reject)
    }
    return {
      readable: (async function* () {
        yield await promise
      })(),
      writable: { getWriter: () => ({ write, close: async () => undefined }) },
    }
  }

  globalThis.DecompressionStream = new Proxy(Usual, {
    construct: (target, [format]: ConstructorParameters<typeof Usual>) =>
      format === 'deflate' ? createPair() : new target(format),
  })
  return () => {
    left = bytesMax
  }
}
