import { createHash } from 'node:crypto'
import type { DifferenceLine } from '@studioops/contracts/tools'
import { z } from 'zod'
import type { ListedTool } from '../../integrations/mcp/client/tool-clients.ts'
import { visibleText } from '../../integrations/mcp/client/visible-text.ts'
import { toJsonb } from '../../platform/db/jsonb.ts'

/** What a server says of a tool, and what of it is accepted (`security.md` 8). */
export const toolDefinition = z.object({
  name: z.string().max(200),
  title: z.string().optional(),
  description: z.string(),
  inputSchema: z.record(z.string(), z.unknown()),
  outputSchema: z.record(z.string(), z.unknown()).optional(),
  annotations: z
    .object({
      readOnlyHint: z.boolean().optional(),
      destructiveHint: z.boolean().optional(),
    })
    .optional(),
})
export type ToolDefinition = z.output<typeof toolDefinition>

const definitionMax = 100_000

/** @returns undefined for a tool whose name or size makes it none that could be used */
function definitionOf(listed: ListedTool): ToolDefinition | undefined {
  const kept: unknown = JSON.parse(toJsonb({ ...listed, description: listed.description ?? '' }))
  const read = toolDefinition.safeParse(kept)
  if (!read.success || JSON.stringify(read.data).length > definitionMax) return undefined
  return /^[\w.:/-]{1,128}$/.test(read.data.name) ? read.data : undefined
}

/** The tools that can be used, each name once. */
export function definitionsOf(listed: readonly ListedTool[]): ToolDefinition[] {
  const byName = new Map<string, ToolDefinition>()
  for (const tool of listed) {
    const definition = definitionOf(tool)
    if (definition !== undefined && !byName.has(definition.name))
      byName.set(definition.name, definition)
  }
  return [...byName.values()]
}

/** SHA-256 over name, description and both schemas, whatever the order of their members. */
export function hashOf({ name, description, ...tool }: ToolDefinition): string {
  const text = canonical([name, description, tool.inputSchema, tool.outputSchema ?? null])
  return createHash('sha256').update(text).digest('hex')
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  )
}

const linesMax = 400
const around = 2

/** What changed between two definitions, as lines with a little around each change. */
export function differencesOf(before: ToolDefinition, after: ToolDefinition): DifferenceLine[] {
  return shortenSame(compareLines(linesOf(before), linesOf(after)))
}

function linesOf({ name, description, inputSchema, outputSchema }: ToolDefinition): string[] {
  const text = [
    `name: ${name}`,
    ...description.split('\n').map((line) => `description: ${line}`),
    ...JSON.stringify(JSON.parse(canonical(inputSchema)), undefined, 2)
      .split('\n')
      .map((line) => `input: ${line}`),
    ...(outputSchema === undefined
      ? []
      : JSON.stringify(JSON.parse(canonical(outputSchema)), undefined, 2)
          .split('\n')
          .map((line) => `output: ${line}`)),
  ]
  return text.slice(0, linesMax).map((line) => visibleText(line, 500))
}

/** The longest common lines stay; a table of at most 400 by 400. */
function compareLines(before: readonly string[], after: readonly string[]): DifferenceLine[] {
  const common = commonLengths(before, after)
  const lines: DifferenceLine[] = []
  let row = 0
  let column = 0
  while (row < before.length && column < after.length) {
    const [old = '', own = ''] = [before[row], after[column]]
    const isSame = old === own
    const isRemoved = !isSame && common(row + 1, column) >= common(row, column + 1)
    lines.push(isSame ? { kind: 'same', text: old } : changed(isRemoved, old, own))
    if (isSame || isRemoved) row += 1
    if (!isRemoved) column += 1
  }
  return [
    ...lines,
    ...before.slice(row).map((text) => ({ kind: 'removed' as const, text })),
    ...after.slice(column).map((text) => ({ kind: 'added' as const, text })),
  ]
}

function changed(isRemoved: boolean, old: string, own: string): DifferenceLine {
  return isRemoved ? { kind: 'removed', text: old } : { kind: 'added', text: own }
}

/** How many lines two texts have in common from two places on. */
function commonLengths(before: readonly string[], after: readonly string[]) {
  const table = Array.from({ length: before.length + 1 }, () => new Uint16Array(after.length + 1))
  const at = (row: number, column: number) => table[row]?.[column] ?? 0
  for (let row = before.length - 1; row >= 0; row -= 1)
    for (let column = after.length - 1; column >= 0; column -= 1)
      table[row]?.fill(
        before[row] === after[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1)),
        column,
        column + 1,
      )
  return at
}

function shortenSame(lines: readonly DifferenceLine[]): DifferenceLine[] {
  const isNear = (index: number) =>
    lines.slice(Math.max(0, index - around), index + around + 1).some(({ kind }) => kind !== 'same')
  return lines.filter(({ kind }, index) => kind !== 'same' || isNear(index))
}
