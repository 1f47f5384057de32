type Absent = null | undefined

type IsAbsentable<V> = null extends V ? true : undefined extends V ? true : false

/** What is left of the type: members that may be absent become optional. */
export type WithoutAbsent<T> = {
  [K in keyof T as IsAbsentable<T[K]> extends true ? never : K]: T[K]
} & {
  [K in keyof T as IsAbsentable<T[K]> extends true ? K : never]?: Exclude<T[K], Absent>
}

/** Leaves out members that are undefined or null, so that JSON has no empty ones. */
export function withoutAbsent<T extends object>(value: T): WithoutAbsent<T> {
  const present = Object.entries(value).filter(
    ([, member]) => member !== undefined && member !== null,
  )
  // What was filtered out is exactly what the type makes optional.
  return Object.fromEntries(present) as WithoutAbsent<T>
}
