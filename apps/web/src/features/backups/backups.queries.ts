import {
  type BackupCheckKind,
  type BackupSchedule,
  changeBackupSchedule,
  checkBackup,
  listBackups,
  makeBackup,
  prepareBackupDownload,
} from '@studioops/contracts/backups'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useApi } from '../../lib/api-context.tsx'
import { useSingleMutation } from '../../lib/single-mutation.queries.ts'

const key = ['backups'] as const
const makingMs = 2_000

export function useBackups() {
  const api = useApi()
  return useQuery({
    queryKey: key,
    queryFn: ({ signal }) => api.call(listBackups, {}, { signal }),
    refetchInterval: ({ state: { data } }) => ((data?.running.length ?? 0) > 0 ? makingMs : false),
    staleTime: 0,
  })
}

export function useMakeBackup() {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['backup-make'],
    mutationFn: () => api.call(makeBackup, {}),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  })
}

export function useCheckBackup() {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['backup-check'],
    mutationFn: (body: { readonly file: string; readonly kind: BackupCheckKind }) =>
      api.call(checkBackup, { body }),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  })
}

export function useChangeSchedule() {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['backup-schedule'],
    mutationFn: (body: BackupSchedule) => api.call(changeBackupSchedule, { body }),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  })
}

export function useDownloadBackup() {
  const api = useApi()
  return useSingleMutation({
    mutationKey: ['backup-download'],
    mutationFn: (file: string) => api.call(prepareBackupDownload, { body: { file } }),
    // It answers with a file, so the page stays where it is.
    onSuccess: ({ path }) => window.location.assign(path),
  })
}
