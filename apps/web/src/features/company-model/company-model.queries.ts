import {
  checkCompanyFiles,
  type CompanyTexts,
  getCompanyFiles,
  getCompanyVersion,
  listCompanyVersions,
  restoreCompanyVersion,
  saveCompanyFiles,
} from '@studioops/contracts/company-model'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useApi } from '../../lib/api-context.tsx'
import { companyConnectionKey } from '../../lib/company-connection.ts'
import { dashboardKey } from '../../lib/dashboard.queries.ts'
import { useSingleMutation } from '../../lib/single-mutation.queries.ts'

const filesKey = ['company-model', 'files'] as const
const versionsKey = ['company-model', 'versions'] as const

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
      [filesKey, versionsKey, companyConnectionKey, dashboardKey].map((queryKey) =>
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
