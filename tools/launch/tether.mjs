// Runs a program and ends it, with all that it started, when whoever started us is gone.
import { spawn } from 'node:child_process'

const graceMs = 5_000
const isWindows = process.platform === 'win32'

const child = spawn(process.execPath, process.argv.slice(2), {
  stdio: ['ignore', 'inherit', 'inherit'],
  windowsHide: true,
})

function endGroup(signal) {
  try {
    if (isWindows) spawn('taskkill', ['/pid', String(child.pid), '/T', '/F'], { stdio: 'ignore' })
    else process.kill(-process.pid, signal)
  } catch {
    process.exit(1)
  }
}

// We lead the group, so its signals reach the child without us; we only stay to report its end.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {})

process.once('disconnect', () => {
  endGroup('SIGTERM')
  setTimeout(() => endGroup('SIGKILL'), graceMs).unref()
})
process.channel?.unref()

child.once('error', (error) => {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
})
child.once('exit', (code, signal) => {
  if (signal === null) process.exit(code ?? 1)
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
})
