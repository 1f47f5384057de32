/** What `describeConfig` says of one environment variable. */
export type Variable = {
  readonly name: string
  readonly description: string
  readonly form: string
  readonly default?: string | undefined
  readonly required: boolean
  readonly secret: boolean
}

/** docs/configuration.md */
export function renderConfiguration(variables: readonly Variable[]): string {
  return `# Configuration

Written by \`npm run docs\` from \`apps/server/src/config/config.ts\`; change it there.

StudioOps starts without any of these. They are read once, when it starts: from the environment, then from
\`.env\`, then from \`.env.development\` or \`.env.production\` (as \`NODE_ENV\` says) of the folder it is started
in; the first that says something wins. What is wrong is reported all at once, with what was found and how to
correct it; of a secret nothing is shown. Names that are misspelt, obsolete or belong elsewhere are warned about.
A secret may also come from a file: \`NAME_FILE\` holds its path. Secrets are taken out of the environment
before the product starts any other program.

\`\`\`
studioops config setup --env production   # writes .env with a master key of its own; asks on a terminal only
studioops config validate                 # every problem at once, and names that do nothing
studioops config check-services           # data directory, ports, database, Jira, files of the company model
studioops config print                    # what holds and where it comes from; secrets are masked
\`\`\`

\`studioops\` is \`node apps/server/src/cli/studioops.ts\`. Hebrew with \`--lang he\`, or as \`LC_ALL\`, \`LC_MESSAGES\` or
\`LANG\` say. Exit codes: 0 fine, 1 problems were found, 3 wrong usage or nothing written, 4 something failed.

| variable | what it does | form | without it |
|---|---|---|---|
${variables.map(describeRow).join('\n')}
`
}

function describeRow({ name, description, form, ...variable }: Variable): string {
  const secret = variable.secret ? ' A secret.' : ''
  return `| \`${name}\` | ${description}${secret} | ${escapeCell(form)} | ${withoutIt(variable)} |`
}

function withoutIt(variable: Pick<Variable, 'default' | 'required'>): string {
  if (variable.required) return '**does not start**'
  if (variable.default === undefined) return 'absent'
  return variable.default === '' ? 'empty' : `\`${escapeCell(variable.default)}\``
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|')
}
