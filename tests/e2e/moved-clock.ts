import { readFileSync } from 'node:fs'
import { ServerResponse } from 'node:http'
import { join } from 'node:path'

/**
 * Loaded into the product before its own code (`node --import`): a machine whose clock can be put
 * forward. Each SIGUSR2 reads from `clock-ahead` in the data directory by how many milliseconds.
 * Timers stay those of the real machine.
 */
let aheadMs = 0

process.on('SIGUSR2', () => {
  const file = join(process.env['STUDIOOPS_DATA_DIR'] ?? '', 'clock-ahead')
  aheadMs = Number(readFileSync(file, 'utf8'))
})

const ofTheMachine = Date
const now = () => ofTheMachine.now() + aheadMs

globalThis.Date = new Proxy(ofTheMachine, {
  construct: (target, parts, newTarget) =>
    Reflect.construct(target, parts.length === 0 ? [now()] : parts, newTarget) as Date,
  get: (target, name) => (name === 'now' ? now : (Reflect.get(target, name) as unknown)),
})

// Node writes the Date header from a clock of its own.
const { writeHead } = ServerResponse.prototype
ServerResponse.prototype.writeHead = function writeHeadWithDate(...given: unknown[]) {
  this.setHeader('date', new Date().toUTCString())
  return Reflect.apply(writeHead, this, given) as ServerResponse
}
