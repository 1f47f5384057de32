/** JSON that a query gave as text; `absent` where it gave NULL. */
export function jsonCell<T>(value: unknown, absent: T): T {
  return typeof value === 'string' ? (JSON.parse(value) as T) : absent
}
