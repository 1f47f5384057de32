import { readBody, type Answer } from '../exchange.ts'
import { createFaultControl, sharedFaults } from '../fault-control.ts'
import { createHandler, type Asked } from '../handler.ts'
import type { Simulator } from '../simulator.ts'
import { createS3Objects } from './s3-objects.ts'
import { operationFor } from './s3-operations.ts'
import { readPayload } from './s3-payload.ts'
import { refusalAnswer, S3Refusal } from './s3-refusal.ts'
import { readSignature, type S3Credential } from './s3-signature.ts'

export type ObjectStoreSimulatorOptions = S3Credential & {
  readonly buckets: readonly string[]
  /** Milliseconds since 1970. */
  readonly clock?: () => number
  readonly seed?: number
}

export type ObjectStoreSimulator = Simulator & {
  /** Keys of what is kept, with the bucket before. */
  keys(): readonly string[]
  /** Uploads in parts that were neither completed nor given up. */
  openUploads(): number
}

/**
 * An S3-compatible store in memory: path style, SigV4 in the header or presigned, plain and chunked
 * payloads with their checksums, objects in one request or in parts (`external-apis.md` 10).
 */
export function createObjectStoreSimulator(
  options: ObjectStoreSimulatorOptions,
): ObjectStoreSimulator {
  const { clock = Date.now, seed = 1 } = options
  const faults = createFaultControl({ seed, known: sharedFaults })
  const createStore = () => createS3Objects(options.buckets, () => new Date(clock()))
  let store = createStore()
  let requests: Record<string, number> = {}
  let operations: Record<string, number> = {}
  let puts: Record<string, number> = {}

  async function carryOut({ request, method, url }: Asked): Promise<Answer> {
    const body = await readBody(request)
    if (body === undefined) throw new S3Refusal('EntityTooLarge')
    const signed = readSignature({ request, credential: options, now: clock() })
    if (typeof signed === 'string') throw new S3Refusal(signed)
    const [, bucketName = '', ...rest] = url.pathname.split('/')
    const bucket = store.buckets.get(bucketName)
    if (bucket === undefined) throw new S3Refusal('NoSuchBucket')
    const key = decodeURIComponent(rest.join('/'))
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    )
    const asked = { key, query: url.searchParams, headers }
    const operation = operationFor(method, asked)
    if (operation === undefined)
      throw new S3Refusal(method === 'PATCH' ? 'MethodNotAllowed' : 'NotImplemented')
    const payload = readPayload(request, body, signed)
    const answer = await operation.run({ ...asked, store, bucketName, bucket, payload })
    operations = { ...operations, [operation.name]: (operations[operation.name] ?? 0) + 1 }
    if (operation.name === 'PutObject') puts = { ...puts, [key]: (puts[key] ?? 0) + 1 }
    return answer
  }

  async function answer(asked: Asked): Promise<Answer> {
    try {
      return await carryOut(asked)
    } catch (error) {
      if (!(error instanceof S3Refusal)) throw error
      const refused = refusalAnswer(error.code, asked.url.pathname)
      // Errors of HEAD have no body.
      return asked.method === 'HEAD' ? { ...refused, body: Buffer.alloc(0) } : refused
    }
  }

  return {
    ...createHandler({
      faults,
      count(method) {
        requests[method] = (requests[method] ?? 0) + 1
      },
      answer,
      errorBody: (_status, message) => ({ message }),
    }),
    faults,
    counters: () => ({ requests: { ...requests }, operations, puts }),
    snapshot: () => null,
    restore() {
      store = createStore()
      requests = {}
      operations = {}
      puts = {}
    },
    onChange: () => () => undefined,
    keys: () =>
      [...store.buckets].flatMap(([name, { objects }]) =>
        [...objects.keys()].map((key) => `${name}/${key}`),
      ),
    openUploads: () =>
      [...store.buckets.values()].reduce((sum, { uploads }) => sum + uploads.size, 0),
  }
}
