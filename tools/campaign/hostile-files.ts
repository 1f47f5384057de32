import { parseArgs } from 'node:util'
import { hostileCampaign } from '../../apps/server/src/testing/hostile-campaign.ts'

/** Hostile files against the check of uploads and the reader: `npm run campaign:hostile-files`. */
const { values } = parseArgs({ options: { files: { type: 'string', default: '150' } } })
const report = await hostileCampaign(Number(values.files))
for (const failure of report.failures) console.log(`FAILED ${failure}`)
console.log(
  `${report.files} hostile files: ${report.failures.length} wrongly accepted or failed otherwise, ` +
    `${report.refusedAtTheDoor} refused at the door, ${report.refusedWhileReading} while reading; ` +
    `slowest ${report.slowestMs} ms, event loop held ${report.heldMs} ms at most`,
)
if (report.failures.length > 0) process.exitCode = 1
