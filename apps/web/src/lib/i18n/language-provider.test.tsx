import { fireEvent, screen } from '@testing-library/react'
import { useLocale } from 'react-aria-components/I18nProvider'
import { expect, it } from 'vitest'
import { show } from '../../testing/show.tsx'
import { defineTexts } from './define-texts.ts'
import { useLanguage } from './language-provider.tsx'
import { useTexts } from './use-texts.ts'

const texts = defineTexts('switching', { en: { word: 'Hello' }, he: { word: 'שלום' } })

function Sample() {
  const t = useTexts(texts)
  const { setLanguage } = useLanguage()
  const { direction, locale } = useLocale()
  return (
    <>
      <p data-testid="seen">{`${t('word')} ${direction} ${locale}`}</p>
      <button onClick={() => setLanguage('he')}>he</button>
      <button onClick={() => setLanguage('en-Hebr')}>mirrored</button>
    </>
  )
}

it('switches texts, direction and React Aria without a reload, and remembers it [D-28]', async () => {
  await show(<Sample />)
  expect(screen.getByTestId('seen').textContent).toBe('Hello ltr en-US')
  fireEvent.click(screen.getByText('he'))
  await screen.findByText('שלום rtl he-IL')
  expect(document.documentElement).toMatchObject({ lang: 'he', dir: 'rtl' })
  expect(localStorage.getItem('lang')).toBe('he')
})

it('draws English from right to left for the mirror test', async () => {
  await show(<Sample />)
  fireEvent.click(screen.getByText('mirrored'))
  await screen.findByText('Hello rtl en-Hebr-US')
  expect(document.documentElement.dir).toBe('rtl')
})
