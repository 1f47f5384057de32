import { type Preferences, type Session, updatePreferences } from '@studioops/contracts/accounts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useApi } from './api-context.tsx'
import { sessionKey } from './session.queries.ts'

type Change = Partial<Preferences>
type Known = { session?: Session | undefined }

/** Keeps a change of language, theme or sidebar with the person; the page shows it at once. */
export function useSavePreferences() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (change: Change) => api.call(updatePreferences, { body: change }),
    onSuccess: (preferences) => {
      queries.setQueryData<Known>(sessionKey, (known) =>
        known?.session === undefined
          ? known
          : { session: { ...known.session, account: { ...known.session.account, preferences } } },
      )
    },
  })
}
