/** Something a person can mend. The message says what happened and what to do; no stack is shown. */
export class LaunchError extends Error {
  name = 'LaunchError'
  exitCode = 1
}
