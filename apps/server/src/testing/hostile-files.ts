import { createHash } from 'node:crypto'
import { crc32, deflateRawSync } from 'node:zlib'

/** A file that somebody sends who means no good, or whose disk is broken. */
export type HostileFile = { readonly kind: string; readonly name: string; readonly bytes: Buffer }

type Part = {
  readonly name: string
  readonly content: Buffer | string
  /** What the directory says instead of the truth. */
  readonly claimedBytes?: number
  readonly isEncrypted?: boolean
  /** Shares the bytes of the first part. */
  readonly isOverlapping?: boolean
}

/** A ZIP archive, as honest as its parts (APPNOTE 4.3). */
export function zipOf(parts: readonly Part[]): Buffer {
  const locals: Buffer[] = []
  const entries: Buffer[] = []
  let offset = 0
  for (const { name, content, claimedBytes, isEncrypted = false, isOverlapping = false } of parts) {
    const plain = Buffer.from(content)
    const packed = deflateRawSync(plain)
    const nameBytes = Buffer.from(name)
    const header = Buffer.alloc(26)
    header.writeUInt16LE(20, 0)
    header.writeUInt16LE(isEncrypted ? 1 : 0x800, 2)
    header.writeUInt16LE(8, 4)
    header.writeUInt32LE(crc32(plain), 10)
    header.writeUInt32LE(packed.length, 14)
    header.writeUInt32LE(claimedBytes ?? plain.length, 18)
    header.writeUInt16LE(nameBytes.length, 22)
    const place = Buffer.alloc(14)
    place.writeUInt32LE(isOverlapping ? 0 : offset, 10)
    entries.push(Buffer.from('PK\x01\x02\x14\0', 'latin1'), header, place, nameBytes)
    if (isOverlapping) continue
    locals.push(Buffer.from('PK\x03\x04', 'latin1'), header, nameBytes, packed)
    offset += 4 + header.length + nameBytes.length + packed.length
  }
  const directory = Buffer.concat(entries)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 0, 'latin1')
  end.writeUInt16LE(parts.length, 8)
  end.writeUInt16LE(parts.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, directory, end])
}

const types = { name: '[Content_Types].xml', content: '<Types/>' }
const bodyOf = (text: string) =>
  `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>${text}</w:t></w:r></w:p></w:body></w:document>`
const main = { name: 'word/document.xml', content: bodyOf('hello') }
const laughs = `<!DOCTYPE a [<!ENTITY l "lol">${Array.from({ length: 9 }, (_, index) => `<!ENTITY l${index + 1} "${`&l${index || ''};`.repeat(10)}">`).join('')}]>`

/** Bytes that are the same for the same number. */
function noise(seed: number, length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, index) =>
    createHash('sha256').update(`${seed} ${index}`).digest(),
  )
  return Buffer.concat(blocks).subarray(0, length)
}

const latin = (text: string) => Buffer.from(text, 'latin1')
const png = latin('\x89PNG\r\n\x1a\n')
const ole = latin('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1')
const pdf = latin('%PDF-1.7\n')
const pdfEnd = latin('\n%%EOF')

type Maker = (seed: number) => Omit<HostileFile, 'kind'>

const docx = (...parts: readonly Part[]) => ({ name: 'a.docx', bytes: zipOf([types, ...parts]) })
const megabytes = (count: number) => Buffer.alloc(count * 1_000_000)

const makers: Readonly<Record<string, Maker>> = {
  'a bomb of zeros': (seed) =>
    docx(main, { name: 'word/media/a.bin', content: megabytes(2 + (seed % 20)) }),
  'a part larger than it says': (seed) =>
    docx({ ...main, content: bodyOf('x'.repeat(50_000 + seed)), claimedBytes: 400 }),
  'a part smaller than it says': (seed) => docx({ ...main, claimedBytes: 900_000 + seed }),
  'more unpacked than is allowed': (seed) =>
    docx({ ...main, claimedBytes: 0x7fffffff }, { name: `word/${seed}`, content: '' }),
  'parts that share bytes': () =>
    docx(main, { name: 'word/b.xml', content: 'b'.repeat(100), isOverlapping: true }),
  'a part of the directory above': (seed) =>
    docx(main, { name: `${'../'.repeat(1 + (seed % 5))}etc/passwd`, content: 'x' }),
  'a part of the root': (seed) =>
    docx(main, { name: ['/etc/passwd', 'C:\\a.txt', '\\\\host\\a'][seed % 3] ?? '', content: 'x' }),
  'parts under a password': () => docx({ ...main, isEncrypted: true }),
  'an older container under a password': (seed) => ({
    name: ['a.docx', 'a.xlsx', 'a.pptx'][seed % 3] ?? '',
    bytes: Buffer.concat([ole, noise(seed, 2_000)]),
  }),
  macros: (seed) => docx(main, { name: 'word/vbaProject.bin', content: noise(seed, 100) }),
  'an archive in it': (seed) =>
    docx(main, {
      name: `word/a.${['zip', '7z', 'jar', 'exe'][seed % 4]}`,
      content: noise(seed, 99),
    }),
  'the same name twice': () => docx(main, { ...main, content: bodyOf('other') }),
  'entities that multiply': () => docx({ ...main, content: `${laughs}${bodyOf('&l9;')}` }),
  'no document in it': () => docx({ name: 'word/other.xml', content: '<a/>' }),
  'an archive that is no document': (seed) => ({
    name: ['a.docx', 'a.xlsx', 'a.pptx'][seed % 3] ?? '',
    bytes: zipOf([{ name: 'readme.txt', content: 'x' }]),
  }),
  'a document cut off': (seed) => ({
    name: 'a.docx',
    bytes: zipOf([types, main]).subarray(0, 100 + (seed % 200)),
  }),
  'a PDF that is an archive': () => ({
    name: 'a.pdf',
    bytes: Buffer.concat([pdf, pdfEnd, zipOf([main])]),
  }),
  'a picture that is an archive': (seed) => ({
    name: 'a.png',
    bytes: Buffer.concat([png, noise(seed, 500), zipOf([main])]),
  }),
  'a PDF without its end': (seed) => ({
    name: 'a.pdf',
    bytes: Buffer.concat([pdf, noise(seed, 5_000)]),
  }),
  'noise that begins and ends as a PDF': (seed) => ({
    name: 'a.pdf',
    bytes: Buffer.concat([pdf, noise(seed, 20_000), pdfEnd]),
  }),
  'a program under another name': (seed) => ({
    name: ['a.pdf', 'a.png', 'a.txt', 'a.docx'][seed % 4] ?? '',
    bytes: Buffer.concat([latin('MZ\x90\0'), noise(seed, 3_000)]),
  }),
  'a page under another name': (seed) => ({
    name: ['a.pdf', 'a.png', 'a.jpg', 'a.webp'][seed % 4] ?? '',
    bytes: latin('<!doctype html><script>alert(1)</script>'),
  }),
  'noise as text': (seed) => ({
    name: ['a.txt', 'a.csv', 'a.md', 'a.eml', 'a.html'][seed % 5] ?? '',
    bytes: noise(seed, 10_000),
  }),
  'an ending that is not taken': (seed) => ({
    name: ['a.exe', 'a.svg', 'a.js', 'a.zip', 'a.docm', 'a', 'a.pdf.scr'][seed % 7] ?? '',
    bytes: noise(seed, 10),
  }),
  'nothing but the mark of an archive': (seed) => ({
    name: 'a.xlsx',
    bytes: Buffer.concat([latin('PK\x03\x04'), noise(seed, 1_000)]),
  }),
}

/** As many as wanted, of every kind in turn. */
export function hostileFiles(count: number): HostileFile[] {
  const kinds = Object.entries(makers)
  return Array.from({ length: count }, (_, seed) => {
    const [kind, make] = kinds[seed % kinds.length] ?? ['', () => ({ name: '', bytes: png })]
    return { kind, ...make(seed) }
  })
}
