import type { SentFile } from './confluence-changes.ts'

/** The files of a form as browsers send it; other fields go along with each file. */
export function readFiles(body: Buffer, contentType: string): SentFile[] {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1]
  if (boundary === undefined) return []
  const parts = body.toString('latin1').split(`--${boundary}`).slice(1, -1).map(readPart)
  const comment = parts.find(({ name }) => name === 'comment')?.content ?? ''
  return parts
    .filter((part) => part.fileName !== undefined)
    .map(({ fileName = '', mediaType, content }) => ({
      fileName: utf8(fileName).replaceAll('%22', '"'),
      mediaType,
      base64: Buffer.from(content, 'latin1').toString('base64'),
      comment: utf8(comment),
    }))
}

function readPart(part: string) {
  const end = part.indexOf('\r\n\r\n')
  const head = part.slice(0, end)
  return {
    name: /[; ]name="([^"]*)"/i.exec(head)?.[1] ?? '',
    fileName: /filename="([^"]*)"/i.exec(head)?.[1],
    mediaType: /content-type:\s*([^\r\n]+)/i.exec(head)?.[1] ?? 'application/octet-stream',
    content: part.slice(end + 4, -2),
  }
}

function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8')
}
