import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { migrationsFolder } from '../platform/db/schema-upgrade.ts'

const program = join(import.meta.dirname, 'studioops.ts')

type Finished = { readonly exitCode: number; readonly stdout: string; readonly stderr: string }

function run(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Finished> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { env }, (error, stdout, stderr) => {
      const exitCode = typeof error?.code === 'number' ? error.code : error === null ? 0 : -1
      resolve({ exitCode, stdout, stderr })
    })
  })
}

it('says where the migrations of the product stand in the database that it brings [MIG-11, MIG-15]', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'studioops-cli-'))
  const env = { HOME: directory, STUDIOOPS_DATA_DIR: join(directory, 'data') }
  const status = await run(['migrate', 'status', '--json'], env)
  const files = (await readdir(migrationsFolder)).filter((name) => /^\d+_\w+\.sql$/.test(name))
  expect(status.exitCode).toBe(2)
  expect(JSON.parse(status.stdout)).toMatchObject({
    command: 'status',
    status: { pending: files.map((name) => name.replace('.sql', '')).toSorted() },
  })
  await rm(directory, { recursive: true, force: true })
}, 120_000)

it('explains itself, and says what is wrong with the configuration', async () => {
  const help = await run(['migrate', '--help', '--lang', 'he'], {})
  expect(help.exitCode).toBe(0)
  expect(help.stdout).toContain('studioops migrate')
  expect(help.stdout).toContain('קודי יציאה')
  expect(await run(['upgrade'], {})).toMatchObject({ exitCode: 3 })
  const wrong = await run(['migrate', 'status'], { PORT: 'eighty' })
  expect(wrong.exitCode).toBe(3)
  expect(wrong.stderr).toContain('PORT: must be')
}, 60_000)
