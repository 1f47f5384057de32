import fc from 'fast-check'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { randomSteps } from '../testing/choices.ts'
import { runsAsked } from '../testing/hold.ts'
import { serverMajor } from '../testing/test-database.ts'
import { describeHistory, historyFrom, textOfFile } from '../testing/history.ts'
import {
  openTrialPglite,
  openTrialServer,
  type TrialDatabase,
  type TrialResult,
} from '../testing/trial-database.ts'

let server: TrialDatabase
let shadow: TrialDatabase
beforeAll(async () => {
  server = await openTrialServer(inject('migrateServer'))
  shadow = await openTrialPglite()
})
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  await shadow?.[Symbol.asyncDispose]()
})

const look = async (result: TrialResult) => (result.kind === 'done' ? result.read() : result)

// What is compared has to come from one major version; on others the shadow is a scratch database.
it.runIf((await serverMajor()) === 18)(
  'holds the same schema and the same rows as a server, whatever the history is [MIG-3] [MIG-12] [TST-5]',
  { timeout: 7_200_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 50 }), async (seed, statements) => {
        const history = historyFrom(randomSteps(seed, statements))
        const files = history.files.map((file) => ({ id: file.id, text: textOfFile(file) }))
        const there = await server.run(files, look)
        expect(await shadow.run(files, look), describeHistory(history)).toEqual(there)
        expect(there).toHaveProperty('schema')
      }),
      { numRuns: runsAsked() },
    )
  },
)
