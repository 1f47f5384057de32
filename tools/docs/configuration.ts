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

StudioOps starts without any of these. They are read once, when it starts; what is wrong is reported
all at once, by name and never by value. A secret may also come from a file: \`NAME_FILE\` holds its path.

| variable | what it does | form | without it |
|---|---|---|---|
${variables.map(describeRow).join('\n')}
`
}

/** .env.template: every variable, set only where it must be. */
export function renderEnvironmentTemplate(variables: readonly Variable[]): string {
  return `# Written by \`npm run docs\` from apps/server/src/config/config.ts; change it there.
# Copy to .env and take away the # before what you set.
${variables.map(describeEntry).join('')}`
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

function describeEntry({ name, description, form, ...variable }: Variable): string {
  const sign = variable.required ? '' : '# '
  const note = variable.secret ? ` Secret: ${name}_FILE may name a file instead.` : ''
  return `\n# ${description}${note}\n# Form: ${form}\n${sign}${name}=${variable.default ?? ''}\n`
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|')
}
