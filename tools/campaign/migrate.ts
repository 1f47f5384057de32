import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { runVerdicts } from './verdicts.ts'

const usage = `Tries the migration engine where tests cannot wait for it.

  npm run campaign:migrate -- verdicts [--histories 1000] [--seed N]

verdicts  Orders and references of generated histories: is refused what a server refuses, and nothing else?
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    histories: { type: 'string', default: '1000' },
    seed: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

const say = (line: string) => console.log(line)

function stopping(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => {
      say('Stopping after this one.')
      controller.abort()
    })
  return controller.signal
}

async function main(): Promise<void> {
  const seed = values.seed === undefined ? randomInt(1_000_000) : Number(values.seed)
  const histories = Number(values.histories)
  const numbers = [seed, histories]
  const isAsked = numbers.every((number) => Number.isInteger(number) && number >= 0)
  if (values.help || !isAsked || positionals[0] !== 'verdicts') {
    say(usage)
    process.exitCode = values.help ? 0 : 2
    return
  }
  say(`${histories} histories from seed ${seed}`)
  const ended = await runVerdicts({ histories, seed, signal: stopping(), say })
  if (ended === 'failed') process.exitCode = 1
}

await main()
