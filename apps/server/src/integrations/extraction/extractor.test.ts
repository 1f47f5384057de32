import { setImmediate } from 'node:timers/promises'
import { deflateSync } from 'node:zlib'
import type { DocumentFormat } from '@studioops/contracts/documents'
import { describe, expect, it } from 'vitest'
import type { AppError } from '../../platform/errors/app-error.ts'
import { zipOf } from '../../testing/hostile-files.ts'
import { decodeText } from './decode-text.ts'
import { createExtractor } from './extractor.ts'
import { logicalLine } from './hebrew-lines.ts'
import { findPdftotext, readingOrder } from './pdftotext.ts'
import { watchShared } from './untouched.ts'

const extractor = createExtractor()
const read = (format: DocumentFormat, bytes: Uint8Array | string) =>
  extractor.extract({ format, bytes: typeof bytes === 'string' ? Buffer.from(bytes) : bytes })
const textOf = async (format: DocumentFormat, bytes: Uint8Array | string) =>
  (await read(format, bytes)).chunks.map(({ text }) => text).join('\n')

const types = { name: '[Content_Types].xml', content: '<Types/>' }
const relations = (type: string, target: string) =>
  `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/${type}" Target="${target}"/></Relationships>`
const word = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'

function docxOf(paragraphs: string): Buffer {
  return zipOf([
    types,
    { name: '_rels/.rels', content: relations('officeDocument', 'word/document.xml') },
    {
      name: 'word/document.xml',
      content: `<w:document ${word}><w:body>${paragraphs}</w:body></w:document>`,
    },
    {
      name: 'word/styles.xml',
      content: `<w:styles ${word}><w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/></w:style></w:styles>`,
    },
    { name: 'word/_rels/document.xml.rels', content: relations('styles', 'styles.xml') },
  ])
}

/** A PDF of one page with Latin text, whose table of places a reader has to mend. */
function pdfOf(content: string | Buffer): Buffer {
  const isText = typeof content === 'string'
  const stream = isText ? Buffer.from(`BT /F1 12 Tf 72 700 Td (${content}) Tj ET`) : content
  const filter = isText ? '' : '/Filter[/FlateDecode/FlateDecode]'
  const head = `%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>endobj
4 0 obj<</Length ${stream.length}${filter}>>stream
`
  return Buffer.concat([
    Buffer.from(head),
    stream,
    Buffer.from('\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF'),
  ])
}

describe('reading a document [DOC-4]', () => {
  it('finds headings of Word in Hebrew, known by the name of the style', async () => {
    const paragraph = (text: string, style = '') =>
      `<w:p>${style}<w:r><w:t>${text}</w:t></w:r></w:p>`
    const heading = '<w:pPr><w:pStyle w:val="1"/></w:pPr>'
    const bytes = docxOf(
      paragraph('תקציב', heading) + paragraph('הסכום הוא 1,250.50 ₪ (כולל מע״מ).'),
    )
    expect(await read('docx', bytes)).toMatchObject({
      state: 'ready',
      language: 'he',
      chunks: [{ text: 'תקציב\nהסכום הוא 1,250.50 ₪ (כולל מע״מ).', headings: ['תקציב'] }],
    })
  })

  it('gives a PDF page by page, and says when there are only pictures', async () => {
    expect(await read('pdf', pdfOf('The launch is on Sunday'))).toMatchObject({
      pages: 1,
      chunks: [{ text: 'The launch is on Sunday', page: 1 }],
    })
    expect(await read('pdf', pdfOf(''))).toMatchObject({ state: 'no-text', pages: 1 })
  })

  it('reads slides by their pages', async () => {
    const slide = (text: string) => `<p:sld><a:p><a:r><a:t>${text}</a:t></a:r></a:p></p:sld>`
    const bytes = zipOf([
      types,
      { name: 'ppt/slides/slide2.xml', content: slide('second') },
      { name: 'ppt/slides/slide1.xml', content: slide('ראשון') },
    ])
    expect(await read('pptx', bytes)).toMatchObject({
      pages: 2,
      chunks: [
        { text: 'ראשון', page: 1 },
        { text: 'second', page: 2 },
      ],
    })
  })

  it.each([
    ['csv', 'ספק;סכום\n"דפוס ""אור""";1200\n', 'ספק | סכום\nספק: דפוס "אור" | סכום: 1200'],
    ['html', '<style>x</style><h1>כותרת</h1><p>a&nbsp;b<script>c</script></p>', 'כותרת\na b'],
    ['markdown', '# One\n\nsome **bold** text', 'One\nsome bold text'],
    [
      'email',
      'From: a@b.example\nSubject: =?utf-8?B?16nXnNeV150=?=\n\nbody',
      'שלום\nfrom: a@b.example\nsubject: שלום\nbody',
    ],
  ] as const)('takes the text out of %s', async (format, source, expected) => {
    expect(await textOf(format, source)).toBe(expected)
  })

  it('keeps nothing of one file for the next, whatever that was [DOC-4]', async () => {
    const files: [DocumentFormat, Uint8Array][] = [
      ['pdf', pdfOf('The launch is on Sunday')],
      ['csv', Buffer.from('supplier;sum\nPrint;1200\n')],
      ['email', Buffer.from('From: a@b.example\nSubject: =?utf-8?B?16nXnNeV150=?=\n\nbody')],
      ['pdf', Buffer.from('%PDF-1.7 nothing %%EOF')],
      ['docx', docxOf('<w:p><w:r><w:t>__proto__ constructor</w:t></w:r></w:p>')],
    ]
    const outcomeOf = (file: [DocumentFormat, Uint8Array], reader = extractor) =>
      reader.extract({ format: file[0], bytes: file[1] }).catch(({ code }: AppError) => code)
    const first: unknown[] = []
    for (const file of files) first.push(await outcomeOf(file))
    const again: unknown[] = []
    for (const file of files.toReversed()) again.push(await outcomeOf(file))
    expect(again.toReversed()).toEqual(first)
    const [file] = files
    await using fresh = createExtractor({ filesPerThread: 1 })
    expect(file === undefined || (await outcomeOf(file, fresh))).toEqual(first[0])
  })

  it('notices whether a reader has left something behind', () => {
    const isUntouched = watchShared()
    expect(isUntouched()).toBe(true)
    Object.defineProperty(Array.prototype, 'left', { value: 1, configurable: true })
    expect(isUntouched()).toBe(false)
    Reflect.deleteProperty(Array.prototype, 'left')
    expect(isUntouched()).toBe(true)
  })

  it('unpacks no more of a PDF than a bound, however little it is packed [DOC-4, SEC-14]', async () => {
    const bomb = deflateSync(deflateSync(Buffer.alloc(201_000_000, ' '), { level: 1 }))
    await expect(read('pdf', pdfOf(bomb))).rejects.toMatchObject({
      code: 'document.unpacks-too-large',
    })
  })

  const pdftotext = findPdftotext()
  it.skipIf(pdftotext === undefined)(
    'gives the same by pdftotext, and leaves to pdf.js what that does not read [DOC-4]',
    async () => {
      await using helped = createExtractor({ pdftotext })
      const bytes = pdfOf('The launch is on Sunday')
      expect(await helped.extract({ format: 'pdf', bytes })).toEqual(await read('pdf', bytes))
      await expect(
        helped.extract({ format: 'pdf', bytes: Buffer.from('%PDF-1.4 no more %%EOF') }),
      ).rejects.toMatchObject({ code: 'document.damaged' })
    },
  )

  it('takes nothing of a file that was stopped for the next one', async () => {
    const stopped = new AbortController()
    const first = extractor.extract({
      format: 'pdf',
      bytes: pdfOf('first'),
      signal: stopped.signal,
    })
    await setImmediate()
    stopped.abort(new Error('stopped'))
    await expect(first).rejects.toThrow('stopped')
    expect(await textOf('pdf', pdfOf('second'))).toBe('second')
  })

  it('ends what takes too long, and goes on with the next', async () => {
    const impatient = createExtractor({ deadlineMs: 1, deadlinePerMegabyteMs: 0 })
    await expect(
      impatient.extract({ format: 'text', bytes: Buffer.from('a') }),
    ).rejects.toMatchObject({ code: 'document.too-slow' })
    expect(await textOf('text', 'still here')).toBe('still here')
  })
})

describe('text of any encoding', () => {
  const hebrew = 'שלום עולם, זה מסמך ישן'
  const legacy = Buffer.from(
    Array.from(hebrew, (char) => {
      const code = char.codePointAt(0) ?? 0
      return code > 0x5cf ? code - 0x5d0 + 0xe0 : code
    }),
  )

  it.each([
    ['UTF-8', Buffer.from(hebrew)],
    ['windows-1255', legacy],
    ['UTF-16', Buffer.from(`\uFEFF${hebrew}`, 'utf16le')],
    ['UTF-16 without a mark', Buffer.from(hebrew, 'utf16le')],
    ['windows-1255 that was taken for Western', Buffer.from(legacy.toString('latin1'))],
    ['UTF-8 that was taken for Western', Buffer.from(Buffer.from(hebrew).toString('latin1'))],
  ])('is read right in %s [DOC-4, DOC-8]', (_, bytes) => {
    expect(decodeText(bytes)).toBe(hebrew)
  })

  it('leaves Western text as it is', () => {
    expect(decodeText(Buffer.from('Café über alles, naïve façade'))).toBe(
      'Café über alles, naïve façade',
    )
  })
})

it.each([
  ['םלוע םולש', 'שלום עולם'],
  ['₪ 1,250.50 םוכסה', 'הסכום 1,250.50 ₪'],
  [')2.1( קרפ', 'פרק (2.1)'],
  ['API Gateway תא ונרבח', 'חברנו את API Gateway'],
  ['plain English (1.2)', 'plain English (1.2)'],
])('puts the drawn line %j in reading order [DOC-4]', (drawn, logical) => {
  expect(logicalLine(drawn)).toBe(logical)
})

it.each([
  [
    ' \u202Bתשלום \u202A( 5\u202Cמקדמה)\u202C  \u202B\u202AINV-4005\u202C\u202C',
    'INV-4005 תשלום 5 (מקדמה)',
  ],
  ['\u202B\u202A .1\u202Cחריגות\u202C', '1. חריגות'],
  ['18% o\uFB00 the Premium plan (\u202Bשלום\u202C)', '18% off the Premium plan (שלום)'],
])('puts the line %j of pdftotext in reading order [DOC-4]', (marked, logical) => {
  expect(readingOrder(marked)).toBe(logical)
})
