/** Members of a comma-separated argument; undefined where it names none. */
export function namesOf(csv: string | undefined): string[] | undefined {
  const names = csv
    ?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  return names === undefined || names.length === 0 ? undefined : names
}
