import { createHash } from 'node:crypto'
import type { ErrorGroup } from '@studioops/contracts/monitoring'
import { LRUCache } from 'lru-cache'

type Seen = {
  readonly code: string
  readonly error: unknown
  readonly at: number
  readonly route?: string | undefined
  readonly requestId?: string | undefined
}

const groupsMax = 200

/** Errors that are one, counted: the code, and the first place of ours in the stack. */
export function createErrorGroups() {
  const groups = new LRUCache<string, ErrorGroup>({ max: groupsMax })
  let changes = 0
  return {
    note({ code, error, at, route, requestId }: Seen): void {
      const place = ownPlaceOf(error)
      const fingerprint = createHash('sha256')
        .update(`${code}\n${place}`)
        .digest('hex')
        .slice(0, 12)
      const before = groups.get(fingerprint)
      changes += 1
      groups.set(fingerprint, {
        fingerprint,
        code,
        place,
        name: error instanceof Error ? error.name : typeof error,
        count: (before?.count ?? 0) + 1,
        firstAt: before?.firstAt ?? at,
        lastAt: at,
        ...(route === undefined ? {} : { route }),
        ...(requestId === undefined ? {} : { requestId }),
      })
    },
    /** The newest first. */
    list: (): ErrorGroup[] =>
      [...groups.values()].toSorted((one, other) => other.lastAt - one.lastAt),
    /** Goes up with every error. */
    changes: () => changes,
  }
}

export type ErrorGroups = ReturnType<typeof createErrorGroups>

/** Relative to the source, so that two machines give one fingerprint. Lines move; functions stay. */
function ownPlaceOf(error: unknown): string {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const line = at.stack
      ?.split('\n')
      .find((one) => /^\s+at /.test(one) && one.includes('/src/') && !one.includes('node_modules'))
    const found = line && /at (?:async )?(?:(\S+) )?.*\/src\/([^:)]+)/.exec(line)
    if (found) return `${found[2] ?? ''} ${found[1] ?? ''}`.trim()
  }
  return ''
}
