import { readFile } from 'node:fs/promises'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { english } from './english.ts'
import { defineProgram } from './program.ts'
import { paintFor } from './terminal.ts'

const source = join(import.meta.dirname, '..')

/** The program without an effect. */
function program() {
  const output = { write: () => true }
  return defineProgram({
    surroundings: {
      env: {},
      cwd: '.',
      stdout: output,
      stderr: output,
      signal: new AbortController().signal,
      name: 'migrate',
      version: '0',
    },
    voice: { words: english, language: 'en', paint: paintFor(output, {}), width: 100 },
    deliver: () => undefined,
  })
}

/** Commands that the sentences of refusals tell people to type. */
async function toldCommands(): Promise<string[]> {
  const files = globSync('**/{*-reasons,objection-texts}.ts', { cwd: source })
  const texts = await Promise.all(files.map((file) => readFile(join(source, file), 'utf8')))
  const told = texts.flatMap((text) => [
    ...text.matchAll(/\bmigrate ((?:[a-z]+)(?: (?:--[a-z-]+|<[a-z]+>|"<[a-z]+>"|\{\w+\}))*)/g),
  ])
  return [...new Set(told.map(([, command = '']) => command))]
}

it('understands every command that a refusal tells people to type', async () => {
  const { commands, options: common } = program()
  const told = await toldCommands()
  expect(told.length).toBeGreaterThan(8)
  const unknown = told.filter((text) => {
    const [verb = '', ...words] = text.split(' ')
    const command = commands.find((one) => one.name() === verb)
    if (command === undefined) return verb !== 'does'
    const known = [...command.options, ...common].map(({ long }) => long)
    return words.some((word) => word.startsWith('--') && !known.includes(word))
  })
  expect(unknown).toEqual([])
})

it('understands every option that a refusal tells people to give', async () => {
  const files = globSync('**/{*-reasons,objection-texts}.ts', { cwd: source })
  const texts = await Promise.all(files.map((file) => readFile(join(source, file), 'utf8')))
  const told = new Set(texts.flatMap((text) => text.match(/(?<![\w-])--[a-z][a-z-]+/g) ?? []))
  const { commands, options } = program()
  const known = [...options, ...commands.flatMap((command) => command.options)]
  expect([...told].filter((name) => !known.some(({ long }) => long === name))).toEqual([])
})
