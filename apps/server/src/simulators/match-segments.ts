/**
 * Compares a path with the pattern of a route, segment by segment.
 *
 * @returns the values of `:names`, decoded where they can be; undefined where it does not match
 */
export function matchSegments(
  wanted: readonly string[],
  segments: readonly string[],
): Record<string, string> | undefined {
  const parameters: Record<string, string> = {}
  for (const [index, name] of wanted.entries()) {
    const segment = segments[index] ?? ''
    if (name.startsWith(':')) parameters[name.slice(1)] = decode(segment)
    else if (name !== segment) return undefined
  }
  return parameters
}

/** A segment as it was meant; one that is no good encoding stays as it is. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
