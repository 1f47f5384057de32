import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  makeDataDirectory,
  removeDataDirectory,
  startProduct,
} from '../../tools/chaos/product-process.ts'

const builtPage = join(import.meta.dirname, '../../apps/web/dist/index.html')

/** The product as people get it: a process of its own, the built page, an empty data directory. */
export type RunningProduct = {
  /** Without a slash at the end. */
  readonly url: string
  /** Puts the clock of the product's machine forward, counted from the real time. */
  putClockForward(aheadMs: number): Promise<void>
  /** Ends it, its database and its directory. */
  [Symbol.asyncDispose](): Promise<void>
}

/** @throws Error when the page was not built, or when the product does not start */
export async function openProduct(
  environment: Readonly<Record<string, string>> = {},
): Promise<RunningProduct> {
  if (!existsSync(builtPage))
    throw new Error('apps/web/dist is missing. Run "npm test", or "npm run build" before Vitest.')
  await using opened = new AsyncDisposableStack()
  const directory = await makeDataDirectory('e2e')
  opened.defer(() => removeDataDirectory(directory))
  const product = startProduct({
    directory,
    environment,
    nodeArguments: ['--import', join(import.meta.dirname, 'moved-clock.ts')],
  })
  opened.defer(() => product.stop())
  const url = await product.ready
  const answer = await fetch(`${url}/readyz`)
  if (!answer.ok) throw new Error(`/readyz says ${answer.status}: ${await answer.text()}`)

  const running = opened.move()
  return {
    url,
    async putClockForward(aheadMs) {
      await writeFile(join(directory, 'clock-ahead'), String(aheadMs))
      process.kill(product.pid, 'SIGUSR2')
      while (
        Date.parse((await fetch(url)).headers.get('date') ?? '') - Date.now() <
        aheadMs - 2_000
      )
        await new Promise((resolve) => setTimeout(resolve, 20))
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}
