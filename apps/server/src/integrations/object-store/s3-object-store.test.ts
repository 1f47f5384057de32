import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createOutbound, type Outbound } from '../../platform/outbound/outbound.ts'
import { Secret } from '../../platform/secret/secret.ts'
import { createObjectStoreSimulator } from '../../simulators/object-store/object-store-simulator.ts'
import { serveSimulators } from '../../simulators/serve.ts'
import { pythonWith } from '../../testing/debian-python.ts'
import type { ObjectStore } from './object-store.ts'
import { describeObjectStore } from './object-store.contract.ts'
import { createS3ObjectStore } from './s3-object-store.ts'
import { signedHeaders } from './sign-s3-request.ts'

const credential = {
  accessKeyId: 'AKIATESTTESTTESTTEST',
  secretAccessKey: 'test-secret-of-the-object-store',
  region: 'il-central-1',
}
const partBytes = 5 * 1_024 * 1_024
const serve = () =>
  serveSimulators({
    '/store': () => createObjectStoreSimulator({ ...credential, buckets: ['studio-files'] }),
  })
let served: Awaited<ReturnType<typeof serve>>
let outbound: Outbound
let directory = ''
beforeAll(async () => {
  served = await serve()
  directory = await mkdtemp(join(tmpdir(), 'staged-'))
  outbound = outboundTo(served.origin)
})
afterAll(async () => {
  await outbound[Symbol.asyncDispose]()
  await served.close()
  await rm(directory, { recursive: true, force: true })
})

function outboundTo(origin: string): Outbound {
  return createOutbound({
    allowed: {
      listed: [new URL(origin).host],
      jiraBaseUrls: () => [],
      ownListeners: () => [],
      trustedOrigins: () => [],
    },
  })
}

const opened = () =>
  createS3ObjectStore(
    outbound,
    {
      ...credential,
      endpoint: `${served.origin}/store`,
      bucket: 'studio-files',
      secretAccessKey: new Secret(credential.secretAccessKey),
    },
    { partBytes },
  )

describeObjectStore('S3, simulated', opened)

/** A server that we did not write, as `endpoint bucket key secret`: see `tools/s3-server`. */
// oxlint-disable-next-line node/no-process-env -- who starts the server knows where it is
const foreign = process.env['TEST_S3_SERVER']?.split(' ')
const python = pythonWith('boto3')

describe.skipIf(foreign === undefined)('a server that we did not write', () => {
  const [endpoint = '', bucket = '', accessKeyId = '', secret = ''] = foreign ?? []
  const secretAccessKey = new Secret(secret)
  const settings = { endpoint, bucket, accessKeyId, region: 'us-east-1', secretAccessKey }
  let out: Outbound
  let store: ObjectStore
  beforeAll(async () => {
    out = outboundTo(endpoint === '' ? served.origin : endpoint)
    store = createS3ObjectStore(out, settings, { partBytes })
    const asked = { method: 'PUT', url: `${endpoint}/${bucket}` }
    const headers = await signedHeaders(settings, asked)
    const request = { ...asked, headers, system: 'object-store', idempotent: true } as const
    await out.send({ ...request, deadlineMs: 10_000 })
  })
  afterAll(() => out[Symbol.asyncDispose]())

  describeObjectStore('S3, a foreign server', () => store)

  it.skipIf(python === undefined).each([1_000, partBytes * 2 + 7])(
    'keeps %d bytes so that boto3 reads what we wrote [DOC-1]',
    async (length) => {
      const file = await staged(randomBytes(length))
      const key = `7c9e6679-7425-40de-944b-e07fc1f90ae7/${file.sha256}`
      await store.put(key, file)
      const script = join(import.meta.dirname, 'read_with_boto3.py')
      const args = [script, endpoint, bucket, accessKeyId, secret, key]
      const { stdout } = await promisify(execFile)(python ?? '', args)
      expect(stdout.trim()).toBe(`${length} ${file.sha256}`)
    },
  )

  it('removes parts that a crash has left [DOC-2]', async () => {
    const key = `7c9e6679-7425-40de-944b-e07fc1f90ae7/${'b'.repeat(64)}`
    const asked = { method: 'POST', url: `${endpoint}/${bucket}/${key}?uploads=` }
    const headers = await signedHeaders(settings, asked)
    const request = { ...asked, headers, system: 'object-store', idempotent: true } as const
    await out.send({ ...request, deadlineMs: 10_000 })
    expect(await store.removeTorn(new Date(Date.now() + 60_000))).toBe(1)
    expect(await store.removeTorn(new Date(Date.now() + 60_000))).toBe(0)
  })
})

async function staged(bytes: Buffer) {
  const path = join(directory, 'staged')
  await writeFile(path, bytes)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { path, sizeBytes: bytes.length, sha256 }
}

it('leaves no parts behind where an upload in parts fails [DOC-2]', async () => {
  const file = await staged(randomBytes(partBytes * 2))
  const short = { ...file, sizeBytes: file.sizeBytes + 1 }
  await expect(opened().put('a/parts', short)).rejects.toMatchObject({ failure: 'damaged' })
  const { simulators } = served
  expect(simulators['/store'].openUploads()).toBe(0)
  expect(simulators['/store'].keys()).not.toContain('studio-files/a/parts')
})

it('removes parts that a crash has left of a file of ours, and no others [DOC-2]', async () => {
  const key = `7c9e6679-7425-40de-944b-e07fc1f90ae7/${'a'.repeat(64)}`
  for (const one of [key, 'backups/of-somebody-else']) await beginParts(one)
  const { simulators } = served
  expect(await opened().removeTorn(new Date(Date.now() - 60_000))).toBe(0)
  expect(simulators['/store'].openUploads()).toBe(2)
  expect(await opened().removeTorn(new Date(Date.now() + 60_000))).toBe(1)
  expect(simulators['/store'].openUploads()).toBe(1)
})

async function beginParts(key: string): Promise<void> {
  const asked = { method: 'POST', url: `${served.origin}/store/studio-files/${key}?uploads=` }
  const secretAccessKey = new Secret(credential.secretAccessKey)
  const settings = { ...credential, endpoint: '', bucket: '', secretAccessKey }
  const headers = await signedHeaders(settings, asked)
  await outbound.send({
    ...asked,
    headers,
    system: 'object-store',
    idempotent: true,
    deadlineMs: 10_000,
  })
}

it('says that a store is away [HLT-6]', async () => {
  const nobody = outboundTo('http://127.0.0.1:1')
  const settings = { ...credential, bucket: 'b', endpoint: 'http://127.0.0.1:1' }
  const secretAccessKey = new Secret('none')
  const store = createS3ObjectStore(nobody, { ...settings, secretAccessKey })
  await expect(store.check()).rejects.toMatchObject({ failure: 'away' })
  await expect(store.read('a/b')).rejects.toMatchObject({ failure: 'away' })
  await nobody[Symbol.asyncDispose]()
})
