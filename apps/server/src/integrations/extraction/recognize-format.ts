import { open } from 'node:fs/promises'
import { documentFormats, type DocumentFormat } from '@studioops/contracts/documents'
import { AppError } from '../../platform/errors/app-error.ts'
import { looksLikeText } from './decode-text.ts'
import { type ReadPiece, readZipDirectory, type ZipProblem } from './zip-directory.ts'

type Candidate = { readonly path: string; readonly sizeBytes: number; readonly name: string }

/** What the first bytes say; `zip` and `ole` are looked into, `text` may be any format of text. */
type Signature = DocumentFormat | 'zip' | 'ole' | 'text' | 'other'

const headBytes = 64 * 1_024

const textFormats: readonly DocumentFormat[] = ['csv', 'markdown', 'html', 'text', 'email']

/**
 * Holds a file to its name: the bytes have to be of a format that is taken, and of that whose ending
 * the name has. Nothing is unpacked or parsed here.
 *
 * @throws AppError `document.type-not-allowed`, `document.type-mismatch`, `document.protected`,
 *   `document.damaged`, `document.unpacks-too-large`
 */
export async function recognizeFormat({
  path,
  sizeBytes,
  name,
}: Candidate): Promise<DocumentFormat> {
  const named = formatOfName(name)
  if (named === undefined) throw new AppError('document.type-not-allowed')
  const file = await open(path)
  try {
    const read: ReadPiece = async (offset, length) => {
      const piece = Buffer.alloc(length)
      const { bytesRead } = await file.read(piece, 0, length, offset)
      return piece.subarray(0, bytesRead)
    }
    const head = await read(0, Math.min(headBytes, sizeBytes))
    await requireSame(named, { signature: signatureOf(head), read, sizeBytes })
    return named
  } finally {
    await file.close()
  }
}

function formatOfName(name: string): DocumentFormat | undefined {
  const extension = name.slice(name.lastIndexOf('.') + 1).toLowerCase()
  const entries = Object.entries(documentFormats) as [
    DocumentFormat,
    { readonly extensions: readonly string[] },
  ][]
  return entries.find(([, { extensions }]) => extensions.includes(extension))?.[0]
}

const at = (head: Buffer, offset: number, text: string) =>
  head.toString('latin1', offset, offset + text.length) === text

const signatures: readonly (readonly [Signature, (head: Buffer) => boolean])[] = [
  ['pdf', (head) => at(head, 0, '%PDF-')],
  ['zip', (head) => at(head, 0, 'PK\x03\x04')],
  ['ole', (head) => at(head, 0, '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1')],
  ['png', (head) => at(head, 0, '\x89PNG\r\n\x1a\n')],
  ['jpeg', (head) => at(head, 0, '\xff\xd8\xff')],
  ['gif', (head) => at(head, 0, 'GIF87a') || at(head, 0, 'GIF89a')],
  ['webp', (head) => at(head, 0, 'RIFF') && at(head, 8, 'WEBP')],
  ['text', looksLikeText],
]

function signatureOf(head: Buffer): Signature {
  return signatures.find(([, matches]) => matches(head))?.[0] ?? 'other'
}

type Bytes = {
  readonly signature: Signature
  readonly read: ReadPiece
  readonly sizeBytes: number
}

async function requireSame(named: DocumentFormat, bytes: Bytes): Promise<void> {
  const { signature } = bytes
  if (named === 'docx' || named === 'xlsx' || named === 'pptx') {
    // Office keeps what is protected in its older container.
    if (signature === 'ole') throw new AppError('document.protected')
    if (signature !== 'zip') throw new AppError('document.type-mismatch')
    await requireOffice(named, bytes)
    return
  }
  const isText = textFormats.includes(named)
  if (isText ? signature !== 'text' : signature !== named)
    throw new AppError('document.type-mismatch')
  if (!isText) await requireNoArchiveBehind(bytes)
  if (named === 'pdf') await requireEnd(bytes)
}

const mainParts = { docx: 'word/', xlsx: 'xl/', pptx: 'ppt/' } as const

const codes: Readonly<
  Record<ZipProblem, 'document.damaged' | 'document.protected' | 'document.unpacks-too-large'>
> = {
  damaged: 'document.damaged',
  protected: 'document.protected',
  'too-large': 'document.unpacks-too-large',
}

async function requireOffice(named: keyof typeof mainParts, { read, sizeBytes }: Bytes) {
  const entries = await readZipDirectory(read, sizeBytes)
  if (typeof entries === 'string') throw new AppError(codes[entries])
  const names = new Set(entries.map(({ name }) => name))
  // Names that differ in case, or come twice, are read differently by different programs.
  if (names.size !== entries.length) throw new AppError('document.damaged')
  const hasPart = entries.some(({ name }) => name.startsWith(mainParts[named]))
  if (!names.has('[Content_Types].xml') || !hasPart) throw new AppError('document.type-mismatch')
  const hasMacros = entries.some(({ name }) => /vbaProject\.bin$/i.test(name))
  const nested = entries.filter(({ name }) => /\.(zip|7z|rar|gz|jar|exe|dll)$/i.test(name))
  if (hasMacros || nested.length > 0) throw new AppError('document.type-not-allowed')
}

/** A picture or a PDF that is an archive as well means something else to the next program. */
async function requireNoArchiveBehind({ read, sizeBytes }: Bytes): Promise<void> {
  const entries = await readZipDirectory(read, sizeBytes)
  if (typeof entries !== 'string' && entries.length > 0)
    throw new AppError('document.type-mismatch')
}

async function requireEnd({ read, sizeBytes }: Bytes): Promise<void> {
  const length = Math.min(sizeBytes, 2_048)
  const tail = await read(sizeBytes - length, length)
  if (!tail.includes('%%EOF')) throw new AppError('document.damaged')
}
