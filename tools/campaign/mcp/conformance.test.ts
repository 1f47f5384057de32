import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { serveFixture } from './fixture-server.ts'

const suite = join(
  import.meta.dirname,
  '../../../node_modules/@modelcontextprotocol/conformance/dist/index.js',
)
const run = promisify(execFile)

let fixture: Awaited<ReturnType<typeof serveFixture>>
beforeAll(async () => {
  fixture = await serveFixture()
})
afterAll(() => fixture[Symbol.asyncDispose]())

// All of them: npm run campaign:mcp
it.each([
  ['2025-11-25', 'server-initialize'],
  ['2026-07-28', 'server-stateless'],
  ['2026-07-28', 'dns-rebinding-protection'],
])(
  'our HTTP stack conforms to %s in %s [CON-13]',
  async (edition, scenario) => {
    const args = ['server', '--url', fixture.url, '--scenario', scenario, '--spec-version', edition]
    const { stdout, stderr } = await run(process.execPath, [suite, ...args])
    expect(`${stdout}${stderr}`).toContain('0 failed')
  },
  60_000,
)
