const remedies: Readonly<Record<string, string>> = {
  '08006': 'Start again when the server can be reached; what was done is kept.',
  '22012': 'Correct the expression; nothing of this transaction was kept.',
  '23502': 'Fill the empty values first, or give the column a default.',
  '23503': 'Add the missing rows, or remove those that point to them; then start again.',
  '23505': 'Remove the duplicates, or leave the constraint out; then start again.',
  '23514': 'Correct the rows that break the rule; then start again.',
  '25001': 'Move the statement into a file of its own with the header line `-- tx: none`.',
  '25006': 'Give the address of the primary server; this one is read-only.',
  '28P01': 'Correct the password of the connection.',
  '3D000': 'Create the database, or correct its name in the address.',
  '40001': 'Start again; other transactions kept changing the same rows.',
  '40P01': 'Start again; other transactions kept taking the same locks in another order.',
  '42501': 'Run as the owner of the objects, or let the owner grant the right.',
  '42601': 'Correct the statement; nothing of this transaction was kept.',
  '42703': 'Correct the name of the column, or create it in an earlier migration.',
  '42710': 'The object exists already: somebody made it by hand. Compare with: migrate drift',
  '42P01': 'Correct the name, or create the table in an earlier migration.',
  '42P07': 'The relation exists already: somebody made it by hand. Compare with: migrate drift',
  '42701': 'The column exists already: somebody made it by hand. Compare with: migrate drift',
  '53100': 'Make room on the disk of the server; then start again.',
  '53300': 'Close connections, or raise max_connections; then start again.',
  '55P03': 'Wait for the sessions that hold the lock, or end them; then start again.',
  '55P04': 'Move the statement that uses the new value into a later migration.',
  '57014': 'The statement was cancelled. Start again, and allow it more time.',
}

const byClass: Readonly<Record<string, string>> = {
  '08': 'Start again when the server can be reached; what was done is kept.',
  '22': 'Correct the statement or the values that it reads; nothing of this transaction was kept.',
  '23': 'Correct the rows that break the constraint; then start again.',
  '28': 'Correct the user and the password of the connection.',
  '42': 'Correct the statement; nothing of this transaction was kept.',
  '53': 'Give the server what it lacks; then start again.',
  '57': 'Start again when the server is up; what was done is kept.',
  '58': 'Look into the log of the server; its disk or its files failed.',
  P0: 'The statement itself refused. Do what it says; then start again.',
  XX: 'Look into the log of the server; it found its own data damaged.',
}

/** What a person can do about an error, by SQLSTATE. */
export function remedyFor(sqlstate: string | undefined): string {
  if (sqlstate === undefined)
    return 'Start again when the server can be reached; what was done is kept.'
  return (
    remedies[sqlstate] ??
    byClass[sqlstate.slice(0, 2)] ??
    'Look at the statement and the message; nothing of this transaction was kept.'
  )
}
