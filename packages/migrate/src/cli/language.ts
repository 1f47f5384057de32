import type { Language } from '../objection.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The language of help and messages: `--lang`, else what the environment says, as in POSIX: the
 * first of LC_ALL, LC_MESSAGES and LANG that is not empty. English for every language but Hebrew.
 *
 * @param args the words of the command line, read before anything of it is understood
 */
export function chooseLanguage(args: readonly string[], env: Environment): Language {
  const given = valueAfter(args, '--lang')
  if (given === 'en' || given === 'he') return given
  const locale = [env['LC_ALL'], env['LC_MESSAGES'], env['LANG']].find(
    (name) => name !== undefined && name !== '',
  )
  return /^(?:he|iw)(?:[_.@-]|$)/i.test(locale ?? '') ? 'he' : 'en'
}

function valueAfter(args: readonly string[], option: string): string | undefined {
  const end = args.indexOf('--')
  const own = end === -1 ? args : args.slice(0, end)
  const joined = own.findLast((arg) => arg.startsWith(`${option}=`))
  if (joined !== undefined) return joined.slice(option.length + 1)
  const at = own.lastIndexOf(option)
  return at === -1 ? undefined : own[at + 1]
}
