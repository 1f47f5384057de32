import { spawn } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'

const listen = `
const server = require('node:net').createServer()
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  process.stdout.write(String(server.address().port))
})
`

/**
 * A port at which connecting neither succeeds nor fails: who listens there is stopped, and its queue
 * is full.
 */
export async function openBlackHole() {
  const listener = spawn(process.execPath, ['-e', listen], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [text] = (await once(listener.stdout, 'data')) as [Buffer]
  const port = Number(text.toString())
  listener.kill('SIGSTOP')
  const queued = Array.from({ length: 4 }, () =>
    net.connect(port, '127.0.0.1').on('error', () => undefined),
  )
  return {
    port,
    [Symbol.dispose]() {
      for (const socket of queued) socket.destroy()
      listener.kill('SIGKILL')
    },
  }
}
