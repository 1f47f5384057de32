import {
  checkCompanyFiles,
  type CompanyTexts,
  getCompanyConnection,
  getCompanyFiles,
  getCompanyVersion,
  listCompanyVersions,
  removeCompanyCookie,
  restoreCompanyVersion,
  saveCompanyCookie,
  saveCompanyFiles,
  testCompanyModel,
} from '@studioops/contracts/company-model'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useApi } from '../../lib/api-context.tsx'
import { dashboardKey } from '../../lib/dashboard.queries.ts'
import { useSingleMutation } from '../../lib/single-mutation.queries.ts'

const connectionKey = ['company-model', 'connection'] as const
const filesKey = ['company-model', 'files'] as const
const versionsKey = ['company-model', 'versions'] as const

export function useCompanyConnection() {
  const api = useApi()
  return useQuery({
    queryKey: connectionKey,
    queryFn: ({ signal }) => api.call(getCompanyConnection, {}, { signal }),
  })
}

/** A test or a change moves the gates as well. */
function useFreshConnection() {
  const queries = useQueryClient()
  return () =>
    Promise.all([
      queries.invalidateQueries({ queryKey: connectionKey }),
      queries.invalidateQueries({ queryKey: dashboardKey }),
    ])
}

export function useSaveCookie() {
  const api = useApi()
  const onSettled = useFreshConnection()
  return useMutation({
    mutationFn: (cookie: string) => api.call(saveCompanyCookie, { body: { cookie } }),
    onSettled,
  })
}

export function useTestCompanyModel() {
  const api = useApi()
  const onSettled = useFreshConnection()
  return useMutation({ mutationFn: () => api.call(testCompanyModel, { body: {} }), onSettled })
}

export function useRemoveCookie() {
  const api = useApi()
  const onSettled = useFreshConnection()
  return useMutation({ mutationFn: () => api.call(removeCompanyCookie, {}), onSettled })
}

export function useCompanyFiles() {
  const api = useApi()
  return useQuery({
    queryKey: filesKey,
    queryFn: ({ signal }) => api.call(getCompanyFiles, {}, { signal }),
  })
}

export function useCheckCompanyFiles() {
  const api = useApi()
  return useMutation({
    mutationFn: (files: CompanyTexts) => api.call(checkCompanyFiles, { body: { files } }),
  })
}

/** What was saved changes files, versions and everybody's connection. */
function useFreshFiles() {
  const queries = useQueryClient()
  return () =>
    Promise.all(
      [filesKey, versionsKey, connectionKey, dashboardKey].map((queryKey) =>
        queries.invalidateQueries({ queryKey }),
      ),
    )
}

export type FilesChange = {
  readonly files: CompanyTexts
  readonly note: string
  readonly basedOn: number | undefined
}

export function useSaveCompanyFiles() {
  const api = useApi()
  const onSuccess = useFreshFiles()
  return useSingleMutation({
    mutationKey: ['save-company-files'],
    mutationFn: ({ basedOn, ...change }: FilesChange) =>
      api.call(saveCompanyFiles, {
        body: basedOn === undefined ? change : { ...change, basedOn },
      }),
    onSuccess,
  })
}

export function useCompanyVersions() {
  const api = useApi()
  return useQuery({
    queryKey: versionsKey,
    queryFn: ({ signal }) => api.call(listCompanyVersions, {}, { signal }),
    select: (reply) => reply.versions,
  })
}

export function useCompanyVersion(number: number) {
  const api = useApi()
  return useQuery({
    queryKey: [...versionsKey, number],
    queryFn: ({ signal }) => api.call(getCompanyVersion, { params: { number } }, { signal }),
    // A version never changes.
    staleTime: Number.POSITIVE_INFINITY,
  })
}

export function useRestoreCompanyVersion() {
  const api = useApi()
  const onSuccess = useFreshFiles()
  return useSingleMutation({
    mutationKey: ['restore-company-version'],
    mutationFn: (number: number) =>
      api.call(restoreCompanyVersion, { params: { number }, body: {} }),
    onSuccess,
  })
}
