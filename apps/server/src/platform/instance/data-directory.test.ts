import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { claimDataDirectory, DataDirectoryInUse, type Claim } from './data-directory.ts'

const cleanups: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean()
})

async function givenDirectory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'studioops-data-'))
  cleanups.push(() => rm(path, { recursive: true, force: true }))
  return join(path, 'data')
}

async function claim(path: string, options: Claim = { waitMs: 0 }) {
  const claimed = await claimDataDirectory(path, options)
  cleanups.push(() => claimed.release())
  return claimed
}

/** Another process that holds the directory until it is killed or told to end. */
async function givenHolder(path: string) {
  const module = new URL('./data-directory.ts', import.meta.url).href
  const script = `
    import { claimDataDirectory } from ${JSON.stringify(module)}
    const claimed = await claimDataDirectory(${JSON.stringify(path)})
    await claimed.announce({ url: 'http://localhost:8080' })
    console.log('held')
    process.stdin.once('data', async () => {
      await claimed.release()
      process.exit()
    })`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  cleanups.push(async () => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child
}

describe('claiming a data directory', () => {
  it('makes it for us alone and keeps its id', async () => {
    const path = await givenDirectory()

    const first = await claim(path)
    expect((await stat(path)).mode & 0o777).toBe(0o700)
    expect(JSON.parse(await readFile(join(path, 'instance.json'), 'utf8'))).toMatchObject({
      pid: process.pid,
    })
    await first.release()

    const second = await claim(path)
    expect(second.nodeId).toBe(first.nodeId)
    expect(second.path).toBe(path)
  })

  it('refuses a second start with who holds it, since when, where, and what to do', async () => {
    const path = await givenDirectory()
    const holder = await givenHolder(path)
    await symlink(path, `${path}-by-another-name`)

    const refused = claim(`${path}-by-another-name`)

    await expect(refused).rejects.toBeInstanceOf(DataDirectoryInUse)
    await expect(refused).rejects.toThrow(`${path} is in use by StudioOps, process ${holder.pid}`)
    await expect(refused).rejects.toThrow(/since \d{4}-\d\d-\d\d \d\d:\d\d UTC/)
    await expect(refused).rejects.toThrow('at http://localhost:8080')
    await expect(refused).rejects.toThrow(`kill ${holder.pid}`)
    await expect(refused).rejects.toThrow('STUDIOOPS_DATA_DIR')
  })

  it('refuses a second claim inside the same process too', async () => {
    const path = await givenDirectory()
    await claim(path)

    await expect(claim(path)).rejects.toBeInstanceOf(DataDirectoryInUse)
  })

  it('waits for one that is just stopping', async () => {
    const path = await givenDirectory()
    const holder = await givenHolder(path)
    const messages: string[] = []

    const claimed = await claim(path, {
      waitMs: 10_000,
      onProgress: (message) => {
        messages.push(message)
        holder.stdin.write('end\n')
      },
    })

    expect(claimed.path).toBe(path)
    expect(messages).toEqual([`Waiting for another StudioOps to leave ${path}`])
  })

  it('is not held up by one that was killed', async () => {
    const path = await givenDirectory()
    const holder = await givenHolder(path)
    holder.kill('SIGKILL')
    await once(holder, 'exit')

    await writeFile(join(path, 'instance.json.1234.draft'), 'half')

    const claimed = await claim(path)

    expect(claimed.path).toBe(path)
    expect((await readdir(path)).toSorted()).toEqual(['instance.json', 'lock', 'node-id'])
  })

  it('says what to do where it cannot be made', async () => {
    const path = await givenDirectory()
    await writeFile(path, 'a file, not a directory')

    await expect(claim(path)).rejects.toThrow(/cannot be used \(.*STUDIOOPS_DATA_DIR/s)
  })
})

describe('a key', () => {
  it('is made once, for our eyes only, and stays the same', async () => {
    const path = await givenDirectory()
    const first = await claim(path)
    const [one, two] = await Promise.all([
      first.loadOrCreateKey('master'),
      first.loadOrCreateKey('master'),
    ])
    await first.release()

    const later = await (await claim(path)).loadOrCreateKey('master')

    expect(one.length).toBe(32)
    expect(two).toEqual(one)
    expect(later).toEqual(one)
    expect((await stat(join(path, 'keys', 'master.key'))).mode & 0o777).toBe(0o600)
    expect((await stat(join(path, 'keys'))).mode & 0o777).toBe(0o700)
  })

  it('is refused while others can read it, with the command that closes it', async () => {
    const path = await givenDirectory()
    const claimed = await claim(path)
    const file = join(path, 'keys', 'session.key')
    await mkdir(join(path, 'keys'))
    await writeFile(file, Buffer.alloc(32, 7))
    await chmod(file, 0o640)

    await expect(claimed.loadOrCreateKey('session')).rejects.toThrow(`chmod 600 '${file}'`)

    await chmod(file, 0o600)
    expect(await claimed.loadOrCreateKey('session')).toEqual(Buffer.alloc(32, 7))
  })

  it('is refused, never replaced, when it was cut short', async () => {
    const path = await givenDirectory()
    const claimed = await claim(path)
    const file = join(path, 'keys', 'master.key')
    await mkdir(join(path, 'keys'))
    await writeFile(file, Buffer.alloc(31), { mode: 0o600 })

    await expect(claimed.loadOrCreateKey('master')).rejects.toThrow('holds 31 bytes instead of 32')
    expect((await stat(file)).size).toBe(31)
  })

  it('has a name that cannot lead out of the directory', async () => {
    const claimed = await claim(await givenDirectory())

    await expect(claimed.loadOrCreateKey('../master')).rejects.toThrow('no name for a key')
  })
})
