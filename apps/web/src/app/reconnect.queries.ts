import { getInstallation } from '@studioops/contracts/installation'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useApi } from '../lib/api-context.tsx'

const knockMs = 4_000

/** While the server is away: knocks until it answers, then asks again for all that is shown. */
export function useReconnect(isAway: boolean): void {
  const api = useApi()
  const queries = useQueryClient()
  useEffect(() => {
    if (!isAway) return undefined
    const timer = setInterval(() => {
      api.call(getInstallation, {}).then(
        () => queries.invalidateQueries(),
        () => undefined,
      )
    }, knockMs)
    return () => clearInterval(timer)
  }, [isAway, api, queries])
}
