import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'

const module = new URL('./parent.ts', import.meta.url).href

function child(script: string) {
  return `import { onParentGone } from ${JSON.stringify(module)}; ${script}`
}

const node = [process.execPath, '--input-type=module', '--eval'] as const

it('tells a child whose parent was killed', async () => {
  const waiting = child(`
    setInterval(() => {}, 1000)
    onParentGone(() => { console.log('alone'); process.exit() })
    console.log('waiting')`)
  const parent = `
    import { spawn } from 'node:child_process'
    spawn(process.execPath, ['--input-type=module', '--eval', ${JSON.stringify(waiting)}], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })`
  const [file, ...flags] = node
  const middle = spawn(file, [...flags, parent], { stdio: ['ignore', 'pipe', 'inherit'] })
  middle.stdout.setEncoding('utf8')

  expect((await once(middle.stdout, 'data'))[0]).toBe('waiting\n')
  middle.kill('SIGKILL')

  expect((await once(middle.stdout, 'data'))[0]).toBe('alone\n')
})

it('does not keep a process alive, and is silent where nobody waits', async () => {
  const [file, ...flags] = node
  const script = child(`onParentGone(() => console.log('alone'))`)
  for (const stdio of [
    ['ignore', 'pipe', 'inherit', 'ipc'],
    ['ignore', 'pipe', 'inherit'],
  ] as const) {
    const ended = spawn(file, [...flags, script], { stdio: [...stdio] })
    expect(await once(ended, 'exit')).toEqual([0, null])
    expect(ended.stdout?.read()).toBeNull()
  }
})
