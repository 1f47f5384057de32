import { ExtractionProblem } from './extraction-problem.ts'
import { readZipDirectory, unpackEntry, type ZipEntry } from './zip-directory.ts'

export type OfficeParts = {
  readonly names: readonly string[]
  /** @throws ExtractionProblem `document.damaged` where it is not there */
  text(name: string): string
}

/**
 * Unpacks every part once, so that a reader that trusts the directory of the archive is never given
 * one that lies.
 *
 * @throws ExtractionProblem
 */
export async function unpackOffice(archive: Buffer): Promise<OfficeParts> {
  const read = async (offset: number, length: number) => archive.subarray(offset, offset + length)
  const entries = await readZipDirectory(read, archive.length)
  if (typeof entries === 'string')
    throw new ExtractionProblem(entries === 'protected' ? 'document.protected' : 'document.damaged')
  const byName = new Map(entries.map((entry) => [entry.name, entry]))
  const unpacked = (entry: ZipEntry | undefined) => {
    const bytes = entry === undefined ? undefined : unpackEntry(archive, entry)
    if (bytes === undefined) throw new ExtractionProblem('document.damaged')
    // No document of an office needs a type declaration, and entities multiply.
    if (entry?.name.endsWith('.xml') === true && bytes.includes('<!DOCTYPE'))
      throw new ExtractionProblem('document.damaged')
    return bytes
  }
  for (const entry of entries) unpacked(entry)
  return {
    names: entries.map(({ name }) => name),
    text: (name) => unpacked(byName.get(name)).toString('utf8'),
  }
}
