// Loaded into the product before its own code: says on SIGUSR2 how late its timers were since the last time.
import { writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'

const delay = monitorEventLoopDelay({ resolution: 5 })
delay.enable()
const ms = (nanoseconds) => Math.round(nanoseconds / 10_000) / 100
process.on('SIGUSR2', () => {
  const told = { p50: ms(delay.percentile(50)), p99: ms(delay.percentile(99)), max: ms(delay.max) }
  writeFileSync(process.env.EVENT_LOOP_REPORT, JSON.stringify(told))
  delay.reset()
})
