/** A cell of reliability.md 5.2: what becomes of a call of a tool whose server is a program. */
export type StdioFault = {
  /** What the program does, by the name that it is started with. */
  readonly id: string
  /** The text of the answer, or the code of the refusal. */
  readonly read: string
  readonly write: string
  /** How often the write reached the server: never twice. */
  readonly writes: 0 | 1
}

export const stdioFaults: readonly StdioFault[] = [
  { id: 'none', read: 'done', write: 'done', writes: 1 },
  { id: 'exits-at-start', read: 'tools.command-ended', write: 'tools.server-away', writes: 0 },
  { id: 'exits-in-a-call', read: 'done', write: 'done', writes: 1 },
  { id: 'killed-in-a-call', read: 'done', write: 'done', writes: 1 },
  { id: 'hangs', read: 'tools.server-slow', write: 'tools.outcome-unknown', writes: 1 },
  { id: 'junk', read: 'done', write: 'done', writes: 1 },
  { id: 'ten-lines-of-junk', read: 'done', write: 'done', writes: 1 },
  { id: 'endless-line', read: 'done', write: 'done', writes: 1 },
  { id: 'stderr-flood', read: 'done', write: 'done', writes: 1 },
  { id: 'slow-initialize', read: 'tools.server-slow', write: 'tools.server-away', writes: 0 },
]
