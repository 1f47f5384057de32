import * as company from '@studioops/contracts/company-model'
import * as api from '@studioops/contracts/connections'
import type { CallOf, Endpoint } from '@studioops/contracts/endpoint'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useApi } from '../../lib/api-context.tsx'
import { companyConnectionKey } from '../../lib/company-connection.ts'
import { dashboardKey } from '../../lib/dashboard.queries.ts'

const connectionsKey = ['connections'] as const
const workspaceKey = ['connections', 'workspace'] as const

export function useConnections() {
  const client = useApi()
  return useQuery({
    queryKey: connectionsKey,
    queryFn: ({ signal }) => client.call(api.listConnections, {}, { signal }),
  })
}

export function useCompanyConnection() {
  const client = useApi()
  return useQuery({
    queryKey: companyConnectionKey,
    queryFn: ({ signal }) => client.call(company.getCompanyConnection, {}, { signal }),
  })
}

const checkingEveryMs = 2_000

/** Everybody's states; asked for again while the check that was ordered is still going on. */
export function useWorkspaceConnections() {
  const client = useApi()
  return useQuery({
    queryKey: workspaceKey,
    queryFn: ({ signal }) => client.call(api.getWorkspaceConnections, {}, { signal }),
    refetchInterval: ({ state }) => ((state.data?.due ?? 0) > 0 ? checkingEveryMs : false),
  })
}

/** A test or a change moves the gates as well, so all are asked for again, success or not. */
function useSectionCall<E extends Endpoint>(endpoint: E) {
  const client = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (input: CallOf<E>) => client.call(endpoint, input),
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: connectionsKey }),
        queries.invalidateQueries({ queryKey: companyConnectionKey }),
        queries.invalidateQueries({ queryKey: dashboardKey }),
      ]),
  })
}

export const useTestJira = () => useSectionCall(api.testJira)
export const useSaveJira = () => useSectionCall(api.replaceJiraToken)
export const useTestConfluence = () => useSectionCall(api.testConfluence)
export const useSaveConfluence = () => useSectionCall(api.saveConfluence)
export const useRemoveConfluence = () => useSectionCall(api.removeConfluence)
export const useTestTrello = () => useSectionCall(api.testTrello)
export const useSaveTrello = () => useSectionCall(api.saveTrello)
export const useRemoveTrello = () => useSectionCall(api.removeTrello)
export const useTestModel = () => useSectionCall(api.testModel)
export const useSaveModel = () => useSectionCall(api.saveModel)
export const useRemoveModel = () => useSectionCall(api.removeModel)
export const useTestCompanyModel = () => useSectionCall(company.testCompanyModel)
export const useSaveCookie = () => useSectionCall(company.saveCompanyCookie)
export const useRemoveCookie = () => useSectionCall(company.removeCompanyCookie)
export const useTestObjectStore = () => useSectionCall(api.testObjectStore)
export const useSaveObjectStore = () => useSectionCall(api.saveObjectStore)
export const useRemoveObjectStore = () => useSectionCall(api.removeObjectStore)
export const useCheckCredentials = () => useSectionCall(api.checkCredentials)
export const useSaveJiraBaseUrls = () => useSectionCall(api.saveJiraBaseUrls)

/** Whose secret its owner can see again. */
export type SecretHolder = api.PersonalSystem | 'company-model'

/** A secret in clear. It stays out of every cache: the answer goes to the caller alone. */
export function useRevealSecret() {
  const client = useApi()
  return useMutation({
    mutationFn: ({ system, name }: { system: SecretHolder; name: 'token' | 'key' }) =>
      system === 'company-model'
        ? client.call(company.revealCompanyCookie, { body: {} })
        : client.call(api.revealSecret, { params: { system }, body: { secret: name } }),
    gcTime: 0,
  })
}

export function useReadCertificate() {
  const client = useApi()
  return useMutation({
    mutationFn: (certificate: string) =>
      client.call(api.readCertificate, { body: { certificate } }),
  })
}
