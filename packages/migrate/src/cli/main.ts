#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { english } from './english.ts'
import { hebrew } from './hebrew.ts'
import { chooseLanguage } from './language.ts'
import { runCli } from './run-cli.ts'

const { version } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { version: string }

const args = process.argv.slice(2)
const stopping = new AbortController()

function stop(): void {
  if (stopping.signal.aborted) process.exit(130)
  stopping.abort()
  const words = chooseLanguage(args, process.env) === 'he' ? hebrew : english
  process.stderr.write(`\n${words.stopping}\n`)
}

process.on('SIGINT', stop)
process.on('SIGTERM', stop)

// Whoever reads our output may have seen enough; that is no failure of ours.
process.stdout.on('error', () => undefined)

process.exitCode = await runCli(args, {
  env: process.env,
  cwd: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
  signal: stopping.signal,
  name: 'studioops-migrate',
  version,
})

// What only reads was left in the middle, and would keep the process alive.
if (stopping.signal.aborted) process.exit()
