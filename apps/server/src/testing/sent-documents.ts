import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { beginUpload, finishUpload, getDocument } from '@studioops/contracts/documents'
import { createProject } from '@studioops/contracts/projects'
import type { TestClient } from './test-client.ts'

export async function givenProject(client: TestClient): Promise<string> {
  const body = { name: `Documents ${randomUUID()}` }
  const { project } = await client.call(createProject, { body })
  return project.id
}

type Sending = { readonly name: string; readonly bytes: Uint8Array; readonly documentId?: string }

/** Sends bytes to an upload from a place on. */
export async function sendBytes(
  client: TestClient,
  { projectId, uploadId }: { projectId: string; uploadId: string },
  { offset, bytes }: { offset: number; bytes: Uint8Array },
) {
  const response = await client.fetch(`/api/projects/${projectId}/uploads/${uploadId}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/offset+octet-stream', 'upload-offset': String(offset) },
    body: new Uint8Array(bytes),
  })
  const json: unknown = await response.json()
  return { status: response.status, json }
}

/** As the page does it: announced, sent, finished. */
export async function tryUpload(client: TestClient, projectId: string, sending: Sending) {
  const { name, bytes, documentId } = sending
  const body = {
    name,
    sizeBytes: bytes.length,
    ...(documentId === undefined ? {} : { documentId }),
  }
  const begun = await client.try(beginUpload, { params: { projectId }, body })
  if (!begun.ok) return begun
  const params = { projectId, uploadId: begun.body.upload.id }
  const sent = await sendBytes(client, params, { offset: 0, bytes })
  if (sent.status !== 200) throw new Error(JSON.stringify(sent))
  return client.try(finishUpload, { params })
}

export async function givenDocument(client: TestClient, projectId: string, sending: Sending) {
  const answer = await tryUpload(client, projectId, sending)
  if (!answer.ok) throw new Error(answer.problem.code)
  if (!('outcome' in answer.body) || answer.body.outcome.kind !== 'stored')
    throw new Error('it is not stored')
  return answer.body.outcome
}

const looks = 600
const lookMs = 100

/** Waits until its text was read, or will not be. */
export async function whenRead(client: TestClient, projectId: string, documentId: string) {
  const params = { projectId, documentId }
  for (let look = 0; look < looks; look += 1) {
    const { document } = await client.call(getDocument, { params })
    if (!['queued', 'processing'].includes(document.state)) return document
    await wait(lookMs)
  }
  throw new Error('the document was not read')
}
