import { readFile } from 'node:fs/promises'
import { execute, type ExecuteLimits } from '../execute/execute.ts'
import type { PreparedMigration } from '../execute/migration.ts'
import { connectTo, type TestServer } from './server-database.ts'

/** What a process of its own is to run. */
export type StarterPlan = {
  readonly target: TestServer & { readonly database: string }
  readonly migrations: readonly (PreparedMigration & { readonly name: string })[]
  readonly limits: Partial<ExecuteLimits>
}

/** Sent to the parent: when it begins, what happens, and how it ended. */
export type StarterMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'event'; readonly event: unknown }
  | { readonly type: 'result'; readonly result: { readonly kind: string } }

const send = (message: StarterMessage) =>
  new Promise<void>((resolve) => {
    if (process.send === undefined) resolve()
    else process.send(message, () => resolve())
  })

const plan = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8')) as StarterPlan
await send({ type: 'ready' })
await new Promise((resolve) => process.once('message', resolve))
const result = await execute({
  target: { open: () => connectTo(plan.target) },
  migrations: plan.migrations.map(({ name, ...prepared }) => ({
    name,
    checksum: prepared.checksum,
    prepare: async () => prepared,
  })),
  appVersion: 'crash',
  limits: plan.limits,
  onEvent: (event) => void send({ type: 'event', event }),
})
await send({ type: 'result', result })
process.disconnect()
