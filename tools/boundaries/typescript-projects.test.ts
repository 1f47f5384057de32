import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, expect, it } from 'vitest'

const repository = join(import.meta.dirname, '../..')
const tsc = join(repository, 'node_modules/typescript/bin/tsc')
const notOurs = ['node_modules', '.runtime', '.git', 'dist', 'data', 'coverage']

type Project = {
  readonly folder: string
  readonly files: readonly string[]
  readonly buildInfo: string
}

let projects: readonly Project[]

beforeAll(async () => {
  const root = JSON.parse(await readFile(join(repository, 'tsconfig.json'), 'utf8')) as {
    references: readonly { path: string }[]
  }
  projects = await Promise.all(root.references.map(({ path }) => read(path)))
}, 60_000)

it('leaves no TypeScript file outside the projects that tsc -b checks', () => {
  const covered = new Set(projects.flatMap(({ files }) => files))
  const files = globSync('**/*.{ts,tsx,mts,cts}', {
    cwd: repository,
    exclude: (path) => notOurs.some((name) => path.split(/[\\/]/).includes(name)),
  })
  expect(files.length).toBeGreaterThan(0)
  expect(files.map(withSlashes).filter((file) => !covered.has(file))).toEqual([])
})

it('keeps what each project knows about its last build in a file of its own, out of the tree', () => {
  const files = projects.map(({ buildInfo }) => buildInfo)
  expect(new Set(files).size).toBe(projects.length)
  for (const file of files) expect(file).toMatch(/^node_modules\/\.types\//)
})

async function read(folder: string): Promise<Project> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [tsc, '--showConfig', '-p', folder],
    { cwd: repository },
  )
  const shown = JSON.parse(stdout) as {
    files: readonly string[]
    compilerOptions: { tsBuildInfoFile: string }
  }
  const place = (file: string) => posix.join(folder, withSlashes(file))
  return {
    folder,
    files: shown.files.map(place),
    buildInfo: place(shown.compilerOptions.tsBuildInfoFile),
  }
}

function withSlashes(path: string): string {
  return path.replaceAll('\\', '/')
}
