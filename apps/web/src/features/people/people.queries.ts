import type { CallOf } from '@studioops/contracts/endpoint'
import {
  changePerson,
  endSessionsOf,
  type EntryRules,
  getEntryRules,
  invite,
  listInvitations,
  listPeople,
  offerPasswordReset,
  type Person,
  removeSecondFactorOf,
  revokeInvitation,
  setEntryRules,
} from '@studioops/contracts/people'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useApi } from '../../lib/api-context.tsx'
import { installationKey } from '../../lib/installation.queries.ts'

const peopleKey = ['people'] as const
const invitationsKey = ['invitations'] as const
const rulesKey = ['entry-rules'] as const

export function usePeople() {
  const api = useApi()
  return useQuery({
    queryKey: peopleKey,
    queryFn: ({ signal }) => api.call(listPeople, {}, { signal }),
  })
}

export type Deed =
  | { readonly kind: 'change'; readonly body: CallOf<typeof changePerson>['body'] }
  | { readonly kind: 'end-sessions' }
  | { readonly kind: 'remove-factor' }

/** What is decided about one person; the answer takes the place of what was shown. */
export function useDecide(personId: string) {
  const api = useApi()
  const queries = useQueryClient()
  const params = { personId }
  return useMutation({
    mutationFn: (deed: Deed): Promise<Person> => {
      switch (deed.kind) {
        case 'change':
          return api.call(changePerson, { params, body: deed.body })
        case 'end-sessions':
          return api.call(endSessionsOf, { params })
        case 'remove-factor':
          return api.call(removeSecondFactorOf, { params })
      }
    },
    onSuccess: (after) =>
      queries.setQueryData<{ people: Person[] }>(peopleKey, (known) =>
        known === undefined
          ? known
          : { people: known.people.map((one) => (one.id === after.id ? after : one)) },
      ),
  })
}

export function useOfferReset(personId: string) {
  const api = useApi()
  return useMutation({ mutationFn: () => api.call(offerPasswordReset, { params: { personId } }) })
}

export function useInvitations() {
  const api = useApi()
  return useQuery({
    queryKey: invitationsKey,
    queryFn: ({ signal }) => api.call(listInvitations, {}, { signal }),
  })
}

export function useInvite() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: CallOf<typeof invite>['body']) => api.call(invite, { body }),
    onSuccess: () => queries.invalidateQueries({ queryKey: invitationsKey }),
  })
}

export function useRevokeInvitation() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (invitationId: string) => api.call(revokeInvitation, { params: { invitationId } }),
    onSuccess: (reply) => queries.setQueryData(invitationsKey, reply),
  })
}

export function useEntryRules() {
  const api = useApi()
  return useQuery({
    queryKey: rulesKey,
    queryFn: ({ signal }) => api.call(getEntryRules, {}, { signal }),
  })
}

export function useSetEntryRules() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: EntryRules) => api.call(setEntryRules, { body }),
    onSuccess: (reply) => {
      queries.setQueryData(rulesKey, reply)
      return queries.invalidateQueries({ queryKey: installationKey })
    },
  })
}
