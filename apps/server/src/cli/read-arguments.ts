import { parseArgs, type ParseArgsConfig } from 'node:util'

type Options = NonNullable<ParseArgsConfig['options']>

const common = { lang: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const

/** Also `--lang` and `--help`. @returns undefined where something is not understood */
export function readArguments<const O extends Options>(args: readonly string[], options: O) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { ...options, ...common },
    })
  } catch {
    return undefined
  }
}
