import type { Area, Matrix, Row } from './matrix.ts'

/** For a terminal. */
export function printText({ areas, problems }: Matrix): string {
  return [
    ...areas.flatMap((area) => [describeArea(area), ...area.rows.flatMap(textRow), '']),
    'Summary',
    ...areas.map((area) => `  ${describeArea(area)}`),
    `  ${describeTotal(areas)}`,
    ...(problems.length === 0 ? [] : ['', 'Wrong', ...problems.map((problem) => `  ${problem}`)]),
    '',
  ].join('\n')
}

/** For the acceptance report of a release. */
export function printMarkdown({ areas, problems }: Matrix): string {
  return [
    '# Requirements and their tests',
    '',
    describeTotal(areas),
    ...areas.flatMap(markdownArea),
    ...(problems.length === 0 ? [] : ['', '## Wrong', '', ...problems.map((line) => `- ${line}`)]),
    '',
  ].join('\n')
}

function textRow({ id, text, proofs }: Row): string[] {
  return [
    `  ${id.padEnd(8)}${shorten(text)}`,
    ...proofs.map(({ file, title }) => `          ${file}: ${title}`),
    ...(proofs.length === 0 ? ['          no test'] : []),
  ]
}

function markdownArea(area: Area): string[] {
  return [
    '',
    `## ${describeArea(area)}`,
    '',
    '| id | requirement | tests |',
    '|---|---|---|',
    ...area.rows.map(({ id, text, proofs }) => {
      const tests = proofs.map(({ file, title }) => `\`${file}\`: ${escapeCell(title)}`)
      return `| ${id} | ${shorten(text)} | ${tests.join('<br>') || 'none'} |`
    }),
  ]
}

function describeArea({ area, title, done, proven, rows }: Area): string {
  return `${area}, ${title}: ${proven} of ${rows.length} proven${done ? ', declared done' : ''}`
}

function describeTotal(areas: readonly Area[]): string {
  const total = areas.reduce((sum, { rows }) => sum + rows.length, 0)
  return `Total: ${areas.reduce((sum, { proven }) => sum + proven, 0)} of ${total} proven`
}

function shorten(text: string): string {
  const plain = text.replaceAll('`', '')
  return plain.length <= 76 ? plain : `${plain.slice(0, 75).trimEnd()}…`
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|')
}
