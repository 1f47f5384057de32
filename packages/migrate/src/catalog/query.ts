/** One row as the driver gives it. */
export type Row = Readonly<Record<string, unknown>>

/**
 * Runs one statement and gives its rows. The whole engine reads databases through this, so that a
 * `pg` client, a `pg` pool's connection and a PGlite serve alike. Rejects with the driver's error,
 * which carries `code` (SQLSTATE).
 */
export type Query = (
  text: string,
  values?: readonly unknown[],
) => Promise<{ readonly rows: readonly Row[] }>
