import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import {
  companyFileNames,
  companySchemas,
  type CompanyFileName,
  type CompanyTexts,
  readCompanyFiles,
} from './company-files.ts'

const folder = join(import.meta.dirname, '../../../../company-model')
const examples = Object.fromEntries(
  companyFileNames.map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
) as CompanyTexts

const problemsOf = (changes: Partial<CompanyTexts>) => {
  const read = readCompanyFiles({ ...examples, ...changes })
  return read.kind === 'broken' ? read.problems : []
}

/** The example with one text replaced, so that a test says only what it is about. */
function changed(name: CompanyFileName, from: string, to: string): Partial<CompanyTexts> {
  expect(examples[name]).toContain(from)
  return { [name]: examples[name].replace(from, () => to) }
}

describe('the four files', () => {
  it('are good as they are shipped, and fill in what they leave out [CFG-5, CFG-6, CFG-7, CFG-8]', () => {
    const read = readCompanyFiles(examples)
    expect(read).toMatchObject({
      kind: 'valid',
      files: { needsCookie: true, config: { mode: 'custom', tls: { verify: true } } },
    })
  })

  it('are described by schemas that editors understand, and that take the examples', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false })
    for (const name of companyFileNames) {
      const validate = ajv.compile(companySchemas()[name])
      expect([name, validate(JSON.parse(examples[name])), validate.errors]).toEqual([
        name,
        true,
        null,
      ])
    }
  })

  const config = examples['config.json']
  const lineOf = (text: string, part: string) =>
    text.slice(0, text.indexOf(part)).split('\n').length
  it.each<[string, Partial<CompanyTexts>, object]>([
    [
      'a comma too many',
      changed('config.json', '"model": "corp-large",', '"model": "corp-large",,'),
      { file: 'config.json', line: 6, column: 25 },
    ],
    [
      'a comma before a brace',
      changed('config.json', '"output": "/end/said" }', '"output": "/end/said", }'),
      { line: lineOf(config, '"/end/said"'), fix: { en: 'Remove this comma.' } },
    ],
    [
      'a comma that is missing',
      changed('config.json', '"mode": "custom",', '"mode": "custom"'),
      { line: 5, column: 3, message: { en: 'A comma is missing before this.' } },
    ],
    [
      'a comment',
      changed('header.json', '{\n', '{ // ours\n'),
      { file: 'header.json', line: 1, column: 3, message: { en: 'JSON has no comments.' } },
    ],
    [
      'a file that is not there',
      { 'payload.json': '' },
      { file: 'payload.json', pointer: '', message: { en: 'payload.json is missing or empty.' } },
    ],
    [
      'a member that nobody knows',
      changed('config.json', '"stream": "sse"', '"stream": "sse",\n  "streem": 1'),
      { pointer: '/streem', line: lineOf(config, '"stream": "sse"') + 1, column: 3 },
    ],
    [
      'a choice that there is not',
      changed('config.json', '"stream": "sse"', '"stream": "websocket"'),
      { pointer: '/stream', column: 13, fix: { en: 'Write one of "sse", "ndjson", "none".' } },
    ],
    [
      'a mode that there is not',
      changed('config.json', '"mode": "custom"', '"mode": "magic"'),
      { pointer: '/mode', fix: { en: 'Write one of "openai", "custom".' } },
    ],
    [
      'a number in quotes',
      changed('config.json', '"waitMs": 500', '"waitMs": "500"'),
      { pointer: '/retry/waitMs', message: { en: 'This must be a number.' } },
    ],
    [
      'a time that is too long',
      changed('config.json', '"idleMs": 15000', '"idleMs": 9999999'),
      { pointer: '/timeouts/idleMs', fix: { en: 'Write at most 600000.' } },
    ],
    [
      'a member that is missing',
      changed('config.json', '"name": "Company model",', ''),
      { pointer: '/name', message: { en: '"name" is missing.' } },
    ],
    [
      'a pointer that is none',
      changed('config.json', '"/piece"', '"piece"'),
      { pointer: '/response/delta' },
    ],
    [
      'a password in an address',
      changed('config.json', 'https://llm', 'https://u:p@llm'),
      { pointer: '/baseUrl' },
    ],
    [
      'a stream without a proof of its end [D-20]',
      changed('config.json', '"finishReason": "/end/state",', ''),
      { pointer: '/response', fix: { en: expect.stringContaining('"finishReason"') } },
    ],
    [
      'an answer in one piece without its text [D-20]',
      changed('config.json', '"stream": "sse"', '"stream": "none"'),
      { pointer: '/response', fix: { en: expect.stringContaining('"final"') } },
    ],
    [
      'two members of one name',
      changed('header.json', '"X-Employee"', '"Cookie"'),
      { message: { en: '"Cookie" is here twice.' } },
    ],
    [
      'a placeholder that nobody knows [CFG-6]',
      changed('header.json', '{{employeeId}}', '{{employee}}'),
      { pointer: '/headers/X-Employee', fix: { en: expect.stringContaining('{{employeeId}}') } },
    ],
    [
      'a header that is ours',
      changed('header.json', 'X-Request-Id', 'Host'),
      { pointer: '/headers/Host', message: { en: 'The header Host is set by us.' } },
    ],
    [
      'a cookie outside of headers',
      changed('payload.json', '{{model}}', '{{cookie}}'),
      { pointer: '/chat/engine', fix: { en: 'Move {{cookie}} to header.json.' } },
    ],
    [
      'a slot of another type [CFG-7]',
      changed('payload.json', '"type": "number"', '"type": "string"'),
      { pointer: '/chat/limits/words/type', fix: { en: 'Write "type": "number".' } },
    ],
    [
      'a slot that nobody knows [CFG-7]',
      changed('payload.json', '"$slot": "maxOutputTokens"', '"$slot": "process.env"'),
      { pointer: '/chat/limits/words/$slot' },
    ],
    [
      'a prompt in one language only [CFG-8]',
      changed('prompts.json', '"he": "יש לשים', '"fr": "יש לשים'),
      { pointer: '/customPrompts/0/text/he', message: { en: '"he" is missing.' } },
    ],
    [
      'a placeholder that does not close',
      changed('prompts.json', '{{problem}}', '{{problem}'),
      { pointer: '/systemPrompts/repair/en' },
    ],
  ])('%s is found, with its place and what to do [CFG-9]', (_, changes, expected) => {
    const problems = problemsOf(changes)
    expect(problems[0]).toMatchObject(expected)
    for (const { message, fix } of problems) {
      expect(message.he).toMatch(/[א-ת]/)
      expect(fix.he).toMatch(/[א-ת]/)
    }
  })

  it('tell all that is wrong in all of them at once', () => {
    const problems = problemsOf({
      ...changed('config.json', '"name": "Company model",', ''),
      'header.json': '[]',
      'prompts.json': '{',
    })
    expect(problems.map(({ file }) => file)).toEqual(['config.json', 'header.json', 'prompts.json'])
  })
})
