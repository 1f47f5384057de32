/** What a file of variables has to know of one of them; `describeConfig` tells it. */
export type EnvVariable = {
  readonly name: string
  readonly description: string
  readonly form: string
  readonly default?: string | undefined
  readonly presets?: Readonly<Record<string, string>>
  readonly container?: string | undefined
  readonly required: boolean
  readonly secret: boolean
}

export type EnvFileKind = 'template' | 'development' | 'production' | 'example' | 'docker'
export const envFileKinds = [
  'template',
  'development',
  'production',
  'example',
  'docker',
] as const satisfies readonly EnvFileKind[]

const generated =
  '# Written by `npm run docs` from apps/server/src/config/variables.ts; change it there.'

const heads: Record<EnvFileKind, readonly string[]> = {
  template: ['# Copy to .env and take away the # before what you set.'],
  development: [
    '# What holds in development where neither the environment nor .env says otherwise.',
    '# `studioops config setup --env development` writes a .env of your own.',
  ],
  production: [
    '# What holds in production where neither the environment nor .env says otherwise.',
    '# `studioops config setup --env production` writes a .env of your own.',
  ],
  example: [
    '# The variables of a container, as an example: the same as in .env.docker.',
    '# Secrets are mounted as files and named by NAME_FILE.',
  ],
  docker: [
    '# All configuration of the container: docker run --env-file .env.docker …',
    '# Secrets are mounted as files and named by NAME_FILE.',
  ],
}

/** The text of one of the files beside the product. Only what differs from the default is set. */
export function renderEnvFile(kind: EnvFileKind, variables: readonly EnvVariable[]): string {
  const values = valuesOf(kind, variables)
  return writeEnvFile([generated, ...heads[kind]], { variables, values, presetsOf: kind })
}

function valuesOf(kind: EnvFileKind, variables: readonly EnvVariable[]): Map<string, string> {
  switch (kind) {
    case 'template':
      return new Map()
    case 'development':
    case 'production':
      return new Map([['NODE_ENV', kind]])
    case 'example':
    case 'docker':
      return new Map(
        variables.flatMap(({ name, container }) =>
          container === undefined ? [] : [[name, container] as const],
        ),
      )
  }
}

type Content = {
  readonly variables: readonly EnvVariable[]
  readonly values: ReadonlyMap<string, string>
  /** Whose presets stand behind the `#`: `development`, `production`, or anything else for all. */
  readonly presetsOf: string
}

/** A file of all variables: set are those in `values`, the others stand commented out. */
export function writeEnvFile(
  head: readonly string[],
  { variables, values, presetsOf }: Content,
): string {
  const mode = presetsOf === 'docker' || presetsOf === 'example' ? 'production' : presetsOf
  const entries = variables.map((variable) => {
    const { name, description, form } = variable
    const preset = variable.presets?.[mode] ?? variable.default ?? ''
    const value = values.get(name)
    const isSet = value !== undefined || variable.required
    const note = variable.secret ? ` Secret: ${name}_FILE may name a file instead.` : ''
    const line = `${isSet ? '' : '# '}${name}=${value ?? preset}`
    return `\n# ${description}${note}\n# Form: ${form}\n${line}\n`
  })
  return `${head.join('\n')}\n${entries.join('')}`
}
