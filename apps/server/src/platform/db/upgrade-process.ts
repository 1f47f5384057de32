import { createMigrator } from '@studioops/migrate'
import {
  migratorOptions,
  type UpgradeCommand,
  type UpgradeMessage,
  type UpgradeOrder,
} from './schema-upgrade.ts'

const stopping = new AbortController()

function tell(message: UpgradeMessage): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(message, undefined, undefined, () => resolve())
  })
}

async function work(order: UpgradeOrder): Promise<void> {
  try {
    const result = await createMigrator({
      ...migratorOptions(order),
      signal: stopping.signal,
      onEvent: (event) => void tell({ kind: 'event', event }),
    }).up()
    await tell({ kind: 'result', result })
  } catch (error) {
    const told = error instanceof Error ? error : new Error(String(error))
    const { code, syscall } = told as Error & { code?: unknown; syscall?: unknown }
    const facts = {
      ...(code === undefined ? {} : { code }),
      ...(syscall === undefined ? {} : { syscall }),
    }
    await tell({ kind: 'error', error: told, facts })
  }
  process.exit()
}

process.on('message', (message) => {
  const command = message as UpgradeCommand
  if (command === 'stop') stopping.abort()
  else void work(command)
})
// Without whoever shows what happens, nobody goes on; the next start takes it up.
process.on('disconnect', () => process.exit(1))
// A terminal tells the whole group to end; the one that started us says when.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
