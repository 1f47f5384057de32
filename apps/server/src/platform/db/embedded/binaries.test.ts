import { chmod, cp, lstat, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { chooseAccount } from './account.ts'
import { findPackage, prepareBinaries } from './binaries.ts'

const directories: string[] = []

afterEach(async () => {
  for (const path of directories.splice(0)) await rm(path, { recursive: true, force: true })
})

async function givenClosedDirectory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'studioops-binaries-'))
  directories.push(path)
  return path
}

/** As npm leaves it when install scripts are off: without the links that it cannot pack. */
async function givenPackageWithoutLinks() {
  const installed = await findPackage()
  const root = await givenClosedDirectory()
  await cp(installed.root, root, {
    recursive: true,
    filter: async (source) => !(await lstat(source)).isSymbolicLink(),
  })
  await chmod(root, 0o700)
  return { ...installed, root }
}

it('runs without install scripts and from a home that the account may not enter', async () => {
  const found = await givenPackageWithoutLinks()
  const account = await chooseAccount('/nowhere')
  const cache = await givenClosedDirectory()
  await chmod(cache, 0o755)

  const binaries = await prepareBinaries(found, { account, caches: [cache] })

  const home = account === undefined ? found.root : cache
  expect(binaries.version).toMatch(/^18\.\d+$/)
  expect(binaries.postgres.startsWith(home)).toBe(true)
  expect((await readdir(cache)).filter((name) => name.startsWith('draft-'))).toEqual([])
})

it.runIf(process.getuid?.() === 0)('does not run what others may have changed', async () => {
  const found = await givenPackageWithoutLinks()
  const account = await chooseAccount('/nowhere')
  const open = await givenClosedDirectory()
  await chmod(open, 0o777)

  await expect(prepareBinaries(found, { account, caches: [open] })).rejects.toThrow(
    'does not run on this machine',
  )
})
