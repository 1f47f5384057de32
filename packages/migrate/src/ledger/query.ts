/**
 * Runs one statement and gives its rows; `client.query(text, values)` of `pg`, reduced to what the
 * ledger needs. 64-bit integers and timestamps are asked for as text, whatever parsers are set.
 */
export type Query = <Row extends Record<string, unknown>>(
  text: string,
  values?: readonly unknown[],
) => Promise<Row[]>
