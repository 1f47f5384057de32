import * as z from 'zod/mini'
import { recall, remember } from '../../lib/device-memory.ts'

const leftUpload = z.object({
  uploadId: z.string(),
  projectId: z.string(),
  documentId: z.optional(z.string()),
  name: z.string(),
  sizeBytes: z.number(),
  /** Of the file, as the browser says it. */
  lastModified: z.number(),
})

/** An upload that was begun in this browser, which is where its file lies. */
export type LeftUpload = z.output<typeof leftUpload>

const memory = z.array(leftUpload)
const key = 'left-uploads'
const keptMax = 100

export function listLeft(): readonly LeftUpload[] {
  try {
    return memory.parse(JSON.parse(recall(key) ?? '[]'))
  } catch {
    return []
  }
}

const keep = (all: readonly LeftUpload[]) => remember(key, JSON.stringify(all.slice(-keptMax)))

export function rememberLeft(begun: LeftUpload): void {
  keep([...listLeft().filter(({ uploadId }) => uploadId !== begun.uploadId), begun])
}

export function forgetLeft(uploadId: string): void {
  keep(listLeft().filter((one) => one.uploadId !== uploadId))
}

/** Bytes of another file would be put behind those that are there. */
export const isSameFile = (left: LeftUpload, file: File): boolean =>
  file.name === left.name && file.size === left.sizeBytes && file.lastModified === left.lastModified
