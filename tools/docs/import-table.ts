import type { Folder } from '../boundaries/boundaries.ts'

type Architecture = {
  readonly folders: Readonly<Record<string, Folder>>
  readonly homes: Readonly<Record<string, readonly string[]>>
  readonly strangers: readonly string[]
}

const block = /(<!-- import-table -->)[\s\S]*?(<!-- \/?import-table -->)/

/** The tables of tools/boundaries as Markdown. */
export function renderImportTable({ folders, homes, strangers }: Architecture): string {
  return `
Written by \`npm run docs\` from \`tools/boundaries/boundaries.ts\`, which the linter enforces.

| files in | may import, beside their own | libraries |
|---|---|---|
${Object.entries(folders).map(describeFolder).join('\n')}

Below ${strangers.map(code).join(' and ')} each folder knows the others only by the types of their \`index.ts\`.

| library | lives in |
|---|---|
${Object.entries(homes).map(describeHome).join('\n')}
`
}

/**
 * Puts the tables between the two markers.
 *
 * @throws Error where the text has no pair of markers.
 */
export function insertImportTable(text: string, table: string): string {
  if (!block.test(text))
    throw new Error('it needs the lines <!-- import-table --> and <!-- /import-table -->.')
  return text.replace(block, (_, start: string, end: string) => `${start}\n${table}\n${end}`)
}

function describeFolder([folder, { may, libraries }]: [string, Folder]): string {
  return `| ${code(folder)} | ${may.map(code).join(', ') || 'nothing of ours'} | ${describeLibraries(libraries)} |`
}

function describeLibraries(libraries: Folder['libraries']): string {
  if (libraries === undefined) return 'by their homes'
  if (libraries === 'any') return 'any'
  return libraries.map(code).join(', ') || 'none'
}

function describeHome([library, places]: [string, readonly string[]]): string {
  return `| ${code(library)} | ${places.map(code).join(', ')} |`
}

function code(text: string): string {
  return `\`${text}\``
}
