import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ObjectStore, ObjectStoreError, type StagedFile } from './object-store.ts'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

export async function allOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(chunks))
}

/** What every object store must do. Each implementation runs it in its own test file. */
export function describeObjectStore(name: string, opened: () => ObjectStore): void {
  describe(`object store: ${name}`, () => {
    let staging = ''
    beforeAll(async () => {
      staging = await mkdtemp(join(tmpdir(), 'staged-'))
    })
    afterAll(() => rm(staging, { recursive: true, force: true }))

    async function staged(bytes: Uint8Array): Promise<StagedFile> {
      const path = join(staging, sha256(bytes))
      await writeFile(path, bytes)
      return { path, sizeBytes: bytes.length, sha256: sha256(bytes) }
    }
    /** As the features make them: an id and a hash. */
    const keyOf = (bytes: Uint8Array) => `7c9e6679-7425-40de-944b-e07fc1f90ae7/${sha256(bytes)}`
    const keysBelow = async (prefix: string) =>
      (await Array.fromAsync(opened().list(prefix))).map(({ key }) => key)

    it.each([0, 1, 5_000_000, 21_000_001])(
      'gives back %d bytes as they were [DOC-1]',
      async (length) => {
        const bytes = randomBytes(length)
        const key = keyOf(bytes)
        await opened().put(key, await staged(bytes))
        expect((await allOf(await opened().read(key))).equals(bytes)).toBe(true)
      },
    )

    it('takes the same bytes again, also at the same time', async () => {
      const bytes = randomBytes(300_000)
      const key = keyOf(bytes)
      const file = await staged(bytes)
      await Promise.all([1, 2, 3].map(() => opened().put(key, file)))
      expect((await allOf(await opened().read(key))).equals(bytes)).toBe(true)
    })

    it('lists what is below a prefix and nothing else', async () => {
      const bytes = randomBytes(9)
      const file = await staged(bytes)
      for (const key of ['lists/a/1', 'lists/a/2', 'lists/b/1']) await opened().put(key, file)
      expect((await keysBelow('lists/a/')).toSorted()).toEqual(['lists/a/1', 'lists/a/2'])
      expect(await keysBelow('lists/none/')).toEqual([])
    })

    it('removes an object, and does not mind removing it again', async () => {
      const bytes = randomBytes(10)
      const key = keyOf(bytes)
      await opened().put(key, await staged(bytes))
      await opened().remove(key)
      await opened().remove(key)
      await expect(opened().read(key)).rejects.toMatchObject({ failure: 'missing' })
    })

    it('does not keep bytes that are not those that were announced', async () => {
      const bytes = randomBytes(1_000)
      const file = { ...(await staged(bytes)), sha256: sha256(Buffer.from('others')) }
      const key = keyOf(bytes)
      await expect(opened().put(key, file)).rejects.toBeInstanceOf(ObjectStoreError)
      expect(await keysBelow(key)).toEqual([])
    })

    it('has nothing torn to remove where every write came to its end [DOC-2]', async () => {
      await opened().put(keyOf(Buffer.from('whole')), await staged(Buffer.from('whole')))
      expect(await opened().removeTorn(new Date(Date.now() + 60_000))).toBe(0)
      expect(await keysBelow(keyOf(Buffer.from('whole')))).toHaveLength(1)
    })

    it('says that it can be written', () => expect(opened().check()).resolves.toBeUndefined())
  })
}
