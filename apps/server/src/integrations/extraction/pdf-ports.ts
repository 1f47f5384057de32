import type { getResolvedPDFJS } from 'unpdf'

type PdfJs = Awaited<ReturnType<typeof getResolvedPDFJS>>
type PdfWorker = InstanceType<PdfJs['PDFWorker']>
type Listener = (event: { readonly data: unknown }) => void

/** What both sides of pdf.js use of a MessagePort. */
type Port = {
  postMessage(data: unknown): void
  addEventListener(type: 'message', listener: Listener): void
  removeEventListener(type: 'message', listener: Listener): void
}

type Side = Port & { readonly deliver: (data: unknown) => void }

function createSide(other: () => Side): Side {
  const listeners = new Set<Listener>()
  return {
    postMessage: (data) => queueMicrotask(() => other().deliver(data)),
    addEventListener: (_, listener) => listeners.add(listener),
    removeEventListener: (_, listener) => listeners.delete(listener),
    deliver: (data) => listeners.forEach((listener) => listener({ data })),
  }
}

/** Each piece of a stream is emptied by its sender for the next one. */
function ownPiece(data: unknown): unknown {
  const hasPiece = typeof data === 'object' && data !== null && 'chunk' in data
  if (!hasPiece || typeof data.chunk !== 'object') return data
  return { ...data, chunk: { ...data.chunk } }
}

declare global {
  /** Where pdf.js leaves the half of itself that parses. */
  var pdfjsWorker:
    | { readonly WorkerMessageHandler: { readonly initializeFromPort: (port: Port) => void } }
    | undefined
}

/**
 * Both halves of pdf.js in this thread, with nothing between them: what it does by itself copies every
 * run of text, for a tenth of the time that a page takes.
 */
export function connectPdfJs({ PDFWorker }: PdfJs): PdfWorker {
  const asking: Side = createSide(() => parsing)
  const parsing: Side = createSide(() => asking)
  const answers: Port = {
    ...parsing,
    postMessage: (data) => parsing.postMessage(ownPiece(data)),
  }
  // Its types ask for a whole MessagePort; it uses these three of it.
  const worker = new PDFWorker({ port: asking as unknown as null, verbosity: 0 })
  globalThis.pdfjsWorker?.WorkerMessageHandler.initializeFromPort(answers)
  return worker
}
