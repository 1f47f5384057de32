import type { Command } from 'commander'

/** A script that completes commands and their options, made from what the program understands. */
export function completionScript(program: Command, shell: string): string {
  const name = program.name().replaceAll(/[^a-z-]+/g, '-')
  const common = flagsOf(program)
  const commands = program.commands.map((command) => ({
    name: command.name(),
    about: command.description(),
    flags: [...flagsOf(command), ...common],
  }))
  const scripts: Readonly<
    Record<string, (name: string, commands: readonly Completed[]) => string>
  > = { bash, zsh, fish }
  return scripts[shell]?.(name, commands) ?? ''
}

type Completed = {
  readonly name: string
  readonly about: string
  readonly flags: readonly string[]
}

const flagsOf = (command: Command): string[] =>
  command.options.flatMap(({ long }) => (typeof long === 'string' ? [long] : []))

function bash(name: string, commands: readonly Completed[]): string {
  const cases = commands.map(
    (command) => `    ${command.name}) words="${command.flags.join(' ')}" ;;`,
  )
  const all = commands.map((command) => command.name).join(' ')
  const body = name.replaceAll('-', '_')
  return `_${body}() {
  local word="\${COMP_WORDS[COMP_CWORD]}" words="${all}" each
  for each in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$each" in
${cases.join('\n')}
    esac
  done
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _${body} ${name}
`
}

function zsh(name: string, commands: readonly Completed[]): string {
  return `autoload -Uz bashcompinit && bashcompinit\n${bash(name, commands)}`
}

function fish(name: string, commands: readonly Completed[]): string {
  const quote = (text: string) => `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`
  const lines = commands.flatMap((command) => [
    `complete -c ${name} -n __fish_use_subcommand -f -a ${command.name} -d ${quote(command.about)}`,
    ...command.flags.map(
      (flag) =>
        `complete -c ${name} -n '__fish_seen_subcommand_from ${command.name}' -l ${flag.slice(2)}`,
    ),
  ])
  return `${lines.join('\n')}\n`
}
