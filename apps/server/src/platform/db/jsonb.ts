/** NUL, and halves of a surrogate pair: JSON can write them, `jsonb` cannot keep them. */
const unkept = /(?<=(?:^|[^\\])(?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g

/**
 * JSON text that a `jsonb` column takes, whatever a model or another system wrote into the strings:
 * what PostgreSQL cannot keep becomes U+FFFD.
 */
export function toJsonb(value: unknown): string {
  const text = JSON.stringify(value)
  return text.includes('\\u') ? text.replace(unkept, '\uFFFD') : text
}
