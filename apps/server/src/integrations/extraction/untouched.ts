/** What readers of documents share, whatever they read. */
const shared = [
  Object.prototype,
  Array.prototype,
  Function.prototype,
  String.prototype,
  RegExp.prototype,
  Promise.prototype,
  Map.prototype,
  Set.prototype,
  Uint8Array.prototype,
]

function snapshot(): readonly unknown[] {
  const ofPrototypes = shared.flatMap((prototype) =>
    Reflect.ownKeys(prototype).flatMap((key) => {
      const { value, get } = Object.getOwnPropertyDescriptor(prototype, key) ?? {}
      return [key, value, get]
    }),
  )
  return [...Reflect.ownKeys(globalThis), ...ofPrototypes]
}

/** @returns whether everything that files could reach each other by is as it was */
export function watchShared(): () => boolean {
  const before = snapshot()
  return () => {
    const now = snapshot()
    return now.length === before.length && now.every((part, index) => part === before[index])
  }
}
