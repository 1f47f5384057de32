import { readFile } from 'node:fs/promises'
import type { ExecuteLimits } from '../execute/execute.ts'
import { undo } from '../undo/undo.ts'
import { connectTo, type TestServer } from './server-database.ts'

/** What a process of its own is to take back. */
export type UndoerPlan = {
  readonly target: TestServer & { readonly database: string }
  /** The last migration that stays; `''`: none does. */
  readonly to: string
  readonly limits: Partial<ExecuteLimits>
}

const send = (message: { readonly type: string; readonly result?: unknown }) =>
  new Promise<void>((resolve) => {
    if (process.send === undefined) resolve()
    else process.send(message, () => resolve())
  })

const plan = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8')) as UndoerPlan
await send({ type: 'ready' })
await new Promise((resolve) => process.once('message', resolve))
const result = await undo({
  target: { open: () => connectTo(plan.target) },
  selection: { kind: 'to', migration: plan.to },
  appVersion: 'crash',
  limits: plan.limits,
})
await send({ type: 'result', result })
process.disconnect()
