import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'

it('finds no unknown id in a title, and no gap in an area that is declared done', async () => {
  const { code, output } = await run()
  expect(JSON.parse(output)).toMatchObject({ problems: [] })
  expect(code).toBe(0)
}, 30_000)

function run(): Promise<{ code: unknown; output: string }> {
  const spec = join(import.meta.dirname, 'spec.ts')
  const maxBuffer = 64 * 1024 * 1024
  return new Promise((resolve) => {
    execFile(process.execPath, [spec, '--json'], { maxBuffer }, (error, output) =>
      resolve({ code: error?.code ?? 0, output }),
    )
  })
}
