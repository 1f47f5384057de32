import { describe, expect, it } from 'vitest'
import { findProofs } from './test-titles.ts'

const idsIn = (source: string) => findProofs('a.test.ts', source).map(({ id }) => id)

describe('a title', () => {
  it.each([
    ['of a test', `it('hashes [ID-4]', () => {})`, ['ID-4']],
    ['with several ids', `test('hashes [ID-4, SEC-2]', () => {})`, ['ID-4', 'SEC-2']],
    ['with several brackets', `it('a [ID-4] b [SEC-2]', () => {})`, ['ID-4', 'SEC-2']],
    ['of a table', `it.each([[1], ['[ID-9]']])('takes %i [ID-4]', () => {})`, ['ID-4']],
    ['of a tagged table', 'it.each`a\n${1}`("takes $a [ID-4]", () => {})', ['ID-4']],
    ['of test.for', `test.for([1])('takes %i [ID-4]', () => {})`, ['ID-4']],
    ['of a test under a condition', `it.skipIf(windows)('runs [ID-4]', () => {})`, ['ID-4']],
    ['as a template', 'it(`hashes ${name} [ID-4]`, () => {})', ['ID-4']],
    ['inside a loop', `for (const x of y) it('hashes [ID-4]', () => {})`, ['ID-4']],
  ])('%s counts', (_, source, ids) => {
    expect(idsIn(source)).toEqual(ids)
  })

  it.each([
    ['of a skipped test', `it.skip('hashes [ID-4]', () => {})`],
    ['of a test to come', `it.todo('hashes [ID-4]')`],
    ['of a test that must fail', `it.fails('hashes [ID-4]', () => {})`],
    ['of a group without tests', `describe('passwords [ID-4]', () => {})`],
    ['of a test in a skipped group', `describe.skip('a', () => { it('b [ID-4]', () => {}) })`],
    ['in a comment', `// it('hashes [ID-4]')`],
    ['in another text', `it('hashes', () => { expect(text).toBe('[ID-4]') })`],
    ['of a fixture', `const test = base.extend('[ID-4]', 1)`],
    ['without brackets', `it('hashes ID-4', () => {})`],
  ])('%s does not count', (_, source) => {
    expect(idsIn(source)).toEqual([])
  })

  it('of a group counts for each test in it', () => {
    const source = `describe('passwords [ID-4]', () => {
      it('are hashed', () => {})
      it.each([1])('are long [SEC-1]', () => {})
    })`
    expect(findProofs('a.test.ts', source)).toEqual([
      { id: 'ID-4', file: 'a.test.ts', title: 'passwords [ID-4] > are hashed' },
      { id: 'ID-4', file: 'a.test.ts', title: 'passwords [ID-4] > are long [SEC-1]' },
      { id: 'SEC-1', file: 'a.test.ts', title: 'passwords [ID-4] > are long [SEC-1]' },
    ])
  })
})

describe('a file', () => {
  it('may hold JSX', () => {
    const source = `it('shows [UI-1]', () => { render(<p dir="auto">{text}</p>) })`
    expect(findProofs('a.test.tsx', source)).toHaveLength(1)
  })

  it('that is no TypeScript is named', () => {
    expect(() => findProofs('a.test.ts', 'it(')).toThrow('a.test.ts cannot be read')
  })
})
