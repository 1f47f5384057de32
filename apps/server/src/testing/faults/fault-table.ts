import { type DependencyName, dependencyNames } from './http-dependencies.ts'
import { type DatabaseFault, databaseFaults } from './database-faults.ts'
import { type HttpFault, httpFaults } from './http-faults.ts'
import { type StdioFault, stdioFaults } from './stdio-faults.ts'
import { type WorkerFault, workerFaults } from './worker-faults.ts'

/** A dependency that fails, in one of the ways in which it can. */
export type FaultCell =
  | { readonly dependency: DependencyName; readonly kind: 'http'; readonly fault: HttpFault }
  | { readonly dependency: 'mcp-stdio'; readonly kind: 'stdio'; readonly fault: StdioFault }
  | { readonly dependency: 'postgresql'; readonly kind: 'database'; readonly fault: DatabaseFault }
  | { readonly dependency: 'worker'; readonly kind: 'worker'; readonly fault: WorkerFault }

/** Every cell of reliability.md 5.1 to 5.3 and 5.6: each is one test, and no test has others. */
export const faultTable: readonly FaultCell[] = [
  ...httpFaults.flatMap((fault) =>
    dependencyNames.map((dependency) => ({ dependency, kind: 'http', fault }) as const),
  ),
  ...stdioFaults.map((fault) => ({ dependency: 'mcp-stdio', kind: 'stdio', fault }) as const),
  ...databaseFaults.map(
    (fault) => ({ dependency: 'postgresql', kind: 'database', fault }) as const,
  ),
  ...workerFaults.map((fault) => ({ dependency: 'worker', kind: 'worker', fault }) as const),
]

/** The cells of one kind. */
export function cellsOf<K extends FaultCell['kind']>(
  kind: K,
): readonly Extract<FaultCell, { kind: K }>[] {
  return faultTable.filter((cell): cell is Extract<FaultCell, { kind: K }> => cell.kind === kind)
}
