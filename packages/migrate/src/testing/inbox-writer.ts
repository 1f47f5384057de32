import { setTimeout as sleep } from 'node:timers/promises'
import { connectTo, type TestDatabase } from './server-database.ts'

/**
 * Somebody who writes into `chaos.inbox` all the time, as soon as it is there, and whose acknowledged
 * rows must stay.
 */
export function startWriter({ target }: Pick<TestDatabase, 'target'>) {
  let [next, isStopped] = [1, false]
  const acknowledged: number[] = []
  const run = async () => {
    while (!isStopped) {
      const client = await connectTo(target).catch(() => undefined)
      try {
        while (!isStopped && client !== undefined) {
          await client.query('insert into chaos.inbox values ($1)', [next])
          acknowledged.push(next)
          next += 1
          await sleep(2)
        }
      } catch {
        // The table is not there yet, or the server is gone; the number is not acknowledged.
        next += 1
      }
      await client?.end().catch(() => undefined)
      await sleep(10)
    }
  }
  const running = run()
  return {
    async missing(): Promise<string[]> {
      isStopped = true
      await running
      const client = await connectTo(target)
      const { rows } = await client.query<{ id: string }>('select id::text from chaos.inbox')
      await client.end()
      const there = new Set(rows.map(({ id }) => Number(id)))
      return acknowledged
        .filter((id) => !there.has(id))
        .map((id) => `row ${id} was acknowledged and is lost`)
    },
    async [Symbol.asyncDispose]() {
      isStopped = true
      await running
    },
  }
}
