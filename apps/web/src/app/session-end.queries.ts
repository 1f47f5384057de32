import { signOut } from '@studioops/contracts/accounts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { useApi } from '../lib/api-context.tsx'
import { recall, remember } from '../lib/device-memory.ts'
import { tellOtherTabs } from '../lib/session-channel.ts'
import { sessionKey } from '../lib/session.queries.ts'
import { installationKey } from '../lib/installation.queries.ts'
import { signInSearch } from './sign-in-search.ts'

/** Forgets all that belonged to the person and shows the sign-in page. */
export function useLeave(): (reason: 'idle' | 'signed-out') => void {
  const router = useRouter()
  const queries = useQueryClient()
  return (reason) => {
    const place = signInSearch(router.state.location.href, reason)
    queries.removeQueries({ predicate: (query) => query.queryKey[0] !== installationKey[0] })
    queries.setQueryData(sessionKey, {})
    const search = reason === 'idle' && place !== undefined ? place : { reason }
    void router.navigate({ to: '/sign-in', search, replace: true })
  }
}

/** Ends the session here and in the other tabs. */
export function useSignOut() {
  const api = useApi()
  const leave = useLeave()
  return useMutation({
    mutationFn: async () => {
      const look = rememberedLook()
      await api.call(signOut, {})
      return look
    },
    onSuccess: (look) => {
      tellOtherTabs({ type: 'ended', reason: 'signed-out' })
      // Signing out empties what the browser keeps; how the page looks is no secret of the person.
      for (const [name, value] of look) remember(name, value)
      leave('signed-out')
    },
  })
}

function rememberedLook(): [name: string, value: string][] {
  return ['lang', 'theme'].flatMap((name) => {
    const value = recall(name)
    return value === undefined ? [] : [[name, value]]
  })
}
