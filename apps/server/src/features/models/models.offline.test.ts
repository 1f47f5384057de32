import { expect, it } from 'vitest'
import { composeOfflineAnswer } from './models.offline.ts'

const passages = [
  { id: 'a', title: 'מדיניות החזרים', text: 'החזר כספי ניתן בתוך 14 יום. Refunds take 14 days.' },
  {
    id: 'b',
    title: 'Fees',
    text: `${'Filler text. '.repeat(80)}The fee is 3 percent. ${'More. '.repeat(80)}`,
  },
]

it('is composed of what was found, cited, the same each time, in the language of the question [D-9, AI-4]', () => {
  const answer = composeOfflineAnswer('What is the fee?', passages, 'he')
  expect(answer).toEqual(composeOfflineAnswer('What is the fee?', passages, 'he'))
  expect(answer.text).toMatch(/^No model answered/)
  expect(answer.text).toContain('The fee is 3 percent.')
  expect(answer.text).toContain('[2] Fees')
  expect(answer.citations.map(({ id }) => id)).toEqual(['a', 'b'])
  expect(composeOfflineAnswer('מה העמלה?', passages, 'en').text).toMatch(/^אף מודל לא ענה/)
  expect(composeOfflineAnswer('מה העמלה?', [], 'en').text).toContain('לא נמצא')
})
