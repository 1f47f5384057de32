import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it } from 'vitest'

it('says after the start where it is, what it stands on and what is not well [OPS-2, OPS-3]', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'studioops-start-'))
  await mkdir(join(directory, 'company-model'))
  await writeFile(join(directory, 'company-model/config.json'), '{ "mode": ')
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: {
      LOG_LEVEL: 'silent',
      NODE_ENV: 'development',
      PORT: '0',
      SINGLE_PORT: 'true',
      STUDIOOPS_DATA_DIR: directory,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  try {
    const lines: string[] = []
    for await (const line of createInterface({ input: child.stderr })) {
      lines.push(line)
      if (line.includes('not well:')) break
    }
    expect(lines.slice(-3)).toEqual([
      expect.stringMatching(/^StudioOps is ready at http:\/\/localhost:\d+$/),
      '  development, embedded database, probes on the main port; well: database, disk, object-store, worker',
      expect.stringMatching(/^ {2}not well: company-model: .*config\.json/),
    ])
  } finally {
    const exited = once(child, 'exit')
    child.stderr.resume()
    child.kill('SIGTERM')
    await exited
    await rm(directory, { recursive: true, force: true, maxRetries: 3 })
  }
})

it('tells mistakes in the language of the terminal [CFG-3]', async () => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: { LANG: 'he_IL.UTF-8', SESSION_TIMEOUT_MINUTES: '12', STUDIOOPS_DATA_DIR: tmpdir() },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const text = await new Response(child.stderr as never).text()
  expect(text).toContain('בתצורה יש דבר אחד לתיקון')
  expect(text).toContain('SESSION_TIMEOUT_MINUTES: צריך להיות')
  expect(child.exitCode ?? (await once(child, 'exit'))[0]).toBe(2)
})
