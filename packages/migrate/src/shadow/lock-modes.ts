/** Modes of locks on relations, weakest first; names as PostgreSQL prints them, in words. */
export const lockModes = [
  'access share',
  'row share',
  'row exclusive',
  'share update exclusive',
  'share',
  'share row exclusive',
  'exclusive',
  'access exclusive',
] as const

export type LockMode = (typeof lockModes)[number]

/** `AccessExclusiveLock` of `pg_locks` as words; undefined for what is no lock on a relation. */
export function readLockMode(name: string): LockMode | undefined {
  const words = name
    .replace(/Lock$/, '')
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase()
  return lockModes.find((mode) => mode === words)
}

export function strongestMode(modes: readonly LockMode[]): LockMode | undefined {
  return lockModes.findLast((mode) => modes.includes(mode))
}
