import { type DatabaseServer, openDatabase } from '../../platform/db/database.ts'
import { createJobWorker } from '../../platform/jobs/job-worker.ts'
import { createLog } from '../../platform/log/log.ts'
import { faultyKinds, leaseMs } from './worker-faults.ts'

type Given = {
  readonly server: DatabaseServer
  readonly nodeId: string
  readonly skewMs: number
}

/** A worker to whom something happens; it ends with the process that started it. */
async function main({ server, nodeId, skewMs }: Given): Promise<void> {
  process.on('disconnect', () => process.exit())
  const now = Date.now
  Date.now = () => now() + skewMs
  const log = createLog({ level: 'silent' })
  const worker = createJobWorker({
    database: openDatabase(server, log),
    log,
    nodeId,
    version: '1.0.0',
    kinds: faultyKinds(),
    times: { leaseMs, retryFirstMs: 4, retryMostMs: 40 },
  })
  await worker.start()
}

await main(JSON.parse(process.argv[2] ?? '') as Given)
