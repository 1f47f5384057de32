/** What a command's exit code says; scripts and pipelines decide by it. */
export const exitCodes = {
  /** There was nothing to do, or it is done. */
  done: 0,
  /** Something waits to be applied or repaired; nothing was changed. */
  pending: 2,
  /** Refused: every objection is listed, and nothing was run because of them. */
  refused: 3,
  /** A statement, the connection or the command itself failed. */
  failed: 4,
  /** Somebody else's run did not end in time. */
  waitingTimedOut: 5,
  /** Stopped by a signal, cleanly: the next run goes on where this one stopped. */
  stopped: 130,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** How a run that changes the database ended, as an exit code. */
export const exitCodeOfRun = {
  done: exitCodes.done,
  'nothing-to-do': exitCodes.done,
  refused: exitCodes.refused,
  failed: exitCodes.failed,
  'waiting-timed-out': exitCodes.waitingTimedOut,
  stopped: exitCodes.stopped,
} as const
