import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loadConfig } from '../config/config.ts'
import { readSources } from '../config/sources.ts'
import { companyFileNames } from '../integrations/llm/company/company-files.ts'
import { openDatabase } from '../platform/db/database.ts'
import { createLog } from '../platform/log/log.ts'
import { copyDatabase } from '../testing/test-database.ts'
import { type ConfigSurroundings, runConfig } from './config-command.ts'

type Line = Partial<ConfigSurroundings> & { readonly cwd: string }

async function run(args: readonly string[], line: Line) {
  let out = ''
  const exitCode = await runConfig(args, {
    env: {},
    write: (text) => (out += text),
    writeError: (text) => (out += text),
    openDatabase: () => Promise.reject(new Error('no database in this test')),
    ...line,
  })
  return { exitCode, out }
}

const folder = () => mkdtemp(join(tmpdir(), 'config-cli-'))

it('writes a .env with a key of its own for one reader, and never over another [OPS-1]', async () => {
  const cwd = await folder()
  const first = await run(['setup', '--env', 'production'], { cwd })
  expect(first).toMatchObject({ exitCode: 0 })
  expect(statSync(join(cwd, '.env')).mode & 0o777).toBe(0o600)
  const written = readSources({}, cwd)
  const config = loadConfig(written.values)
  expect(config.environment).toBe('production')
  const key = config.masterKey?.reveal() ?? ''
  expect(key).toMatch(/^[0-9a-f]{64}$/)
  expect(first.out).not.toContain(key)

  expect(await run(['setup', '--env', 'development'], { cwd })).toMatchObject({ exitCode: 3 })
  expect(readSources({}, cwd).values).toEqual(written.values)
  expect(await run(['setup', '--env', 'development', '--force'], { cwd })).toMatchObject({
    exitCode: 0,
  })
  expect(readFileSync(join(cwd, '.env.old'), 'utf8')).toContain(key)
})

it('asks on a terminal only, and makes no second key beside the one that is there', async () => {
  const cwd = await folder()
  expect(await run(['setup'], { cwd })).toMatchObject({ exitCode: 3 })
  expect(existsSync(join(cwd, '.env'))).toBe(false)

  mkdirSync(join(cwd, 'data/keys'), { recursive: true })
  writeFileSync(join(cwd, 'data/keys/master.key'), 'x')
  const answers = ['production', 'https://ops.example']
  const asked = await run(['setup'], { cwd, ask: async () => answers.shift() ?? '' })
  expect(asked.exitCode).toBe(0)
  const { values } = readSources({}, cwd)
  expect(values).toEqual({ NODE_ENV: 'production', PUBLIC_URL: 'https://ops.example' })
})

it('validates environment, .env and the files of the company model, in both languages [CFG-1, CFG-9, OPS-1]', async () => {
  const cwd = await folder()
  writeFileSync(join(cwd, '.env'), 'PORT=eighty\nREDIS_URL=x\nSESION_TIMEOUT_MINUTES=20\n')
  const env = { DATABASE_URL: 'mysql://u:canary@h/db', LC_ALL: 'he_IL.UTF-8' }
  const broken = await run(['validate'], { cwd, env })
  expect(broken.exitCode).toBe(1)
  expect(broken.out).toContain('PORT: צריך להיות')
  expect(broken.out).toContain('DATABASE_URL: צריך להיות')
  expect(broken.out).toContain('REDIS_URL (.env)')
  expect(broken.out).toContain('SESSION_TIMEOUT_MINUTES?')
  expect(broken.out).not.toContain('canary')

  writeFileSync(join(cwd, '.env'), '')
  const companyDirectory = join(cwd, 'company-model')
  await mkdir(companyDirectory)
  for (const name of companyFileNames)
    await copyFile(
      join(import.meta.dirname, '../../company-model', name),
      join(companyDirectory, name),
    )
  const own = { COMPANY_MODEL_DIR: companyDirectory }
  expect(await run(['validate'], { cwd, env: own })).toMatchObject({ exitCode: 0 })
  writeFileSync(join(companyDirectory, 'header.json'), '{\n  "headers": {},\n}')
  const files = await run(['validate'], { cwd, env: own })
  expect(files.exitCode).toBe(1)
  expect(files.out).toContain('header.json:2:16: There is a comma with nothing after it. Remove')
})

it('prints what holds and where it comes from, and no secret [OPS-1]', async () => {
  const cwd = await folder()
  writeFileSync(join(cwd, '.env'), `PORT=9000\nSTUDIOOPS_MASTER_KEY=${'ca'.repeat(32)}\n`)
  const { exitCode, out } = await run(['print'], { cwd, env: { HOST: '::1' } })
  expect(exitCode).toBe(0)
  expect(out).toContain('PORT=9000  # .env\n')
  expect(out).toContain('HOST=::1  # environment\n')
  expect(out).toContain('SESSION_TIMEOUT_MINUTES=20  # preset\n')
  expect(out).toContain('STUDIOOPS_MASTER_KEY=•••• (64)  # .env\n')
})

it('tries data directory, database, ports and company model, and says what is taken [CFG-20, OPS-1]', async () => {
  await using copy = await copyDatabase()
  const cwd = await folder()
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const env = { STUDIOOPS_DATA_DIR: join(cwd, 'data'), PORT: String(port), SINGLE_PORT: 'true' }
  await using database = openDatabase(copy, createLog({ level: 'silent' }))
  const open = { openDatabase: async () => database }
  const taken = await run(['check-services'], { cwd, env, ...open })
  server.close()
  expect(taken.exitCode).toBe(1)
  expect(taken.out).toMatch(/✓ data directory {2}\d+ ms/)
  expect(taken.out).toMatch(/✓ database {2}\d+ ms/)
  expect(taken.out).toContain(`✗ port PORT`)
  expect(taken.out).toContain('– company model')

  const free = await run(['check-services', '--lang', 'he'], {
    cwd,
    env: { ...env, PORT: '0' },
    ...open,
  })
  expect(free).toMatchObject({ exitCode: 0 })
  expect(free.out).toContain('✓ מסד נתונים')
  const away = await run(['check-services'], { cwd, env: { ...env, PORT: '0' } })
  expect(away.out).toContain('✗ database')
  expect(away.exitCode).toBe(1)
})

it('explains itself, and what its exit codes mean', async () => {
  const cwd = await folder()
  expect(await run(['--help'], { cwd })).toMatchObject({ exitCode: 0 })
  expect(await run(['setip'], { cwd })).toMatchObject({ exitCode: 3 })
  expect((await run(['--help', '--lang', 'he'], { cwd })).out).toContain('קודי יציאה')
})
