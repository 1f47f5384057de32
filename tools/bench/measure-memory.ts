import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../apps/server/src/platform/db/embedded/address.ts'
import { databasePid, makeDataDirectory, removeDataDirectory } from '../chaos/product-process.ts'
import { atMost, type Line } from './figures.ts'
import { startBare, startOurs, untilReady } from './measure-start.ts'
import { pssMiB, treeOf } from './process-cost.ts'
import { addStories, openWorkspace } from './workspace.ts'

/** What the product holds when it was started on existing data and then left alone. */
export async function measureMemory({ idleSeconds }: { idleSeconds: number }): Promise<Line[]> {
  await using workspace = await openWorkspace()
  const { directory } = workspace
  await addStories(workspace, 20)
  await workspace.product.stop()
  const bareDirectory = await makeDataDirectory('bench-bare')
  await using _ = { [Symbol.asyncDispose]: () => removeDataDirectory(bareDirectory) }

  const [port, barePort] = [await freePort(), await freePort()]
  const ours = await startOurs(directory, port)
  const bare = await startBare(bareDirectory, barePort)
  try {
    await Promise.all([untilReady(port), untilReady(barePort)])
    await sleep(idleSeconds * 1_000)
    const pid = await databasePid(directory)
    const all = pssMiB(treeOf(ours.pid))
    const postgres = pid === undefined ? undefined : pssMiB(treeOf(pid))
    const bareAll = pssMiB(treeOf(bare.pid))
    if (all === undefined || postgres === undefined || bareAll === undefined)
      return [
        {
          bench: 'memory',
          what: 'not measured: this needs Linux and the right to read /proc/<pid>/smaps_rollup',
          value: '',
        },
      ]
    const row = (what: string, MiB: number): Line => ({
      bench: 'memory',
      what,
      value: MiB.toFixed(0),
    })
    return [
      {
        ...row(`idle for ${idleSeconds} s, PostgreSQL included, PSS in MiB`, all),
        aim: atMost(all, 250),
      },
      row('  Node', all - postgres),
      row('  PostgreSQL', postgres),
      row('  bare Fastify with the same PostgreSQL, in all', bareAll),
    ]
  } finally {
    await ours()
    await bare()
  }
}
