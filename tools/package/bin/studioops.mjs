#!/usr/bin/env node
// The command of the published package. Runs on any Node that npm runs on, and finds the right one.
import { spawn } from 'node:child_process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { LaunchError } from '../tools/launch/launch-error.mjs'
import { findNode } from '../tools/launch/runtime.mjs'

const cli = fileURLToPath(new URL('../apps/server/src/cli/studioops.js', import.meta.url))

try {
  const node = await findNode()
  if (node === process.execPath) await import(pathToFileURL(cli).href)
  else runIn(node)
} catch (error) {
  process.stderr.write(`${error instanceof LaunchError ? error.message : error.stack}\n`)
  process.exitCode = 1
}

function runIn(node) {
  const child = spawn(node, [cli, ...process.argv.slice(2)], { stdio: 'inherit' })
  // Ctrl-C reaches the child from the terminal itself.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.once('error', (error) => {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  })
  child.once('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 143)
  })
}
