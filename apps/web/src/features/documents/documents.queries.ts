import {
  cancelUpload,
  changeDocument,
  deleteDocument,
  type Document,
  type DocumentState,
  getDocument,
  getDocumentText,
  getUpload,
  listDocuments,
  readDocumentAgain,
  restoreDocument,
  searchDocuments,
  stopReadingDocument,
} from '@studioops/contracts/documents'
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useSyncExternalStore } from 'react'
import type { ApiClient } from '../../lib/api-client.ts'
import { useApi } from '../../lib/api-context.tsx'
import { newIdempotencyKey } from '../../lib/idempotency-key.ts'
import { isWorthRetrying } from '../../lib/problem.ts'
import { useSingleMutation } from '../../lib/single-mutation.queries.ts'
import { forgetLeft, type LeftUpload, listLeft } from './left-uploads.ts'
import { hasEnded, type OpenUpload, uploadQueue } from './upload-queue.ts'

export type { OpenUpload } from './upload-queue.ts'

const keyOf = (projectId: string) => ['project-documents', projectId] as const

export type DocumentFilter = {
  readonly name: string
  readonly state: DocumentState | undefined
  readonly tag: string | undefined
  readonly trash: boolean
  readonly limit: number
}

const busyMs = 1_500
const quietMs = 30_000
const isBusy = ({ state }: Document) => state === 'queued' || state === 'processing'

export function useDocuments(projectId: string, filter: DocumentFilter) {
  const api = useApi()
  const { name, state, tag, trash, limit } = filter
  const query = {
    limit,
    trash: trash ? 'true' : 'false',
    ...(name.trim() === '' ? {} : { name }),
    ...(state === undefined ? {} : { state }),
    ...(tag === undefined ? {} : { tag }),
  }
  return useQuery({
    queryKey: [...keyOf(projectId), query],
    queryFn: ({ signal }) => api.call(listDocuments, { params: { projectId }, query }, { signal }),
    placeholderData: keepPreviousData,
    staleTime: 0,
    refetchInterval: ({ state: { data } }) =>
      data?.documents.some(isBusy) === true ? busyMs : quietMs,
  })
}

export function useDocument(projectId: string, documentId: string) {
  const api = useApi()
  return useQuery({
    queryKey: [...keyOf(projectId), 'one', documentId],
    queryFn: ({ signal }) =>
      api.call(getDocument, { params: { projectId, documentId } }, { signal }),
    staleTime: 0,
  })
}

export function useDocumentText(projectId: string, documentId: string, limit: number) {
  const api = useApi()
  return useQuery({
    queryKey: [...keyOf(projectId), 'text', documentId, limit],
    queryFn: ({ signal }) =>
      api.call(
        getDocumentText,
        { params: { projectId, documentId }, query: { limit } },
        { signal },
      ),
    placeholderData: keepPreviousData,
  })
}

/** Nothing is asked until there is a question. */
export function usePassages(projectId: string, question: string) {
  const api = useApi()
  return useQuery({
    queryKey: [...keyOf(projectId), 'passages', question],
    queryFn: ({ signal }) =>
      api.call(searchDocuments, { params: { projectId }, query: { question } }, { signal }),
    enabled: question !== '',
  })
}

const deeds = {
  delete: deleteDocument,
  restore: restoreDocument,
  read: readDocumentAgain,
  stop: stopReadingDocument,
} as const

export type DocumentDeed = keyof typeof deeds

type Deed = { readonly documentId: string; readonly deed: DocumentDeed }

export function useDocumentDeed(projectId: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['document-deed', projectId],
    mutationFn: ({ documentId, deed }: Deed) =>
      api.call(
        deeds[deed],
        { params: { projectId, documentId } },
        { idempotencyKey: newIdempotencyKey() },
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: keyOf(projectId) }),
  })
}

type Change = { readonly documentId: string; readonly name: string; readonly tags: string[] }

export function useChangeDocument(projectId: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['document-change', projectId],
    mutationFn: ({ documentId, name, tags }: Change) =>
      api.call(
        changeDocument,
        { params: { projectId, documentId }, body: { name, tags } },
        { idempotencyKey: newIdempotencyKey() },
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: keyOf(projectId) }),
  })
}

/** Uploads of this browser into a project that nobody goes on with. */
export function useLeftUploads(projectId: string): readonly OpenUpload[] {
  const api = useApi()
  const items = useSyncExternalStore(uploadQueue.listen, uploadQueue.items)
  const { data = [] } = useQuery({
    queryKey: [...keyOf(projectId), 'left'],
    queryFn: ({ signal }) =>
      Promise.all(listLeft().map((left) => openUploadOf(left, { api, projectId, signal }))),
    staleTime: Infinity,
  })
  const going = new Set(items.map(({ uploadId }) => uploadId))
  return data.flatMap((upload) =>
    upload === undefined || going.has(upload.uploadId) ? [] : [upload],
  )
}

type Asking = {
  readonly api: ApiClient
  readonly projectId: string
  readonly signal: AbortSignal
}

/** Forgets what came to an end elsewhere, or too late. */
async function openUploadOf(left: LeftUpload, { api, projectId, signal }: Asking) {
  const { uploadId } = left
  if (left.projectId !== projectId) return undefined
  try {
    const { outcome } = await api.call(getUpload, { params: { projectId, uploadId } }, { signal })
    if (outcome.kind === 'open') return { ...left, offset: outcome.upload.offset }
  } catch (error) {
    if (isWorthRetrying(error)) return undefined
  }
  forgetLeft(uploadId)
  return undefined
}

export function useForgetUpload(projectId: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['document-upload-forget', projectId],
    mutationFn: async ({ uploadId }: OpenUpload) => {
      forgetLeft(uploadId)
      await api.call(cancelUpload, { params: { projectId, uploadId } })
    },
    onSettled: () => queries.invalidateQueries({ queryKey: [...keyOf(projectId), 'left'] }),
  })
}

/** Uploads of this page into a project, whichever screen began them. */
export function useUploads(projectId: string) {
  const api = useApi()
  const queries = useQueryClient()
  const all = useSyncExternalStore(uploadQueue.listen, uploadQueue.items)
  const isSending = all.some((item) => !hasEnded(item))
  useEffect(() => {
    uploadQueue.connect(api, (stored) => {
      void queries.invalidateQueries({ queryKey: keyOf(stored) })
    })
  }, [api, queries])
  useEffect(() => {
    if (!isSending) return undefined
    const warn = (event: BeforeUnloadEvent) => event.preventDefault()
    globalThis.addEventListener('beforeunload', warn)
    return () => globalThis.removeEventListener('beforeunload', warn)
  }, [isSending])
  return all.filter((item) => item.projectId === projectId)
}
