/** What this browser remembered; undefined where nothing, or where it forbids remembering. */
export function recall(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined
  } catch {
    return undefined
  }
}

/** Remembers on this device only. A browser that forbids it forgets; nothing else breaks. */
export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // Private modes and policies may forbid storage.
  }
}
