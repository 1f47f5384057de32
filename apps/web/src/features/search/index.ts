import { lazy } from 'react'

export type { PalettePage, SearchPaletteProps } from './search-palette.tsx'

/** Stands inside a `Suspense`. */
export const SearchPalette = lazy(async () => {
  const { SearchPalette: palette } = await import('./search-palette.tsx')
  return { default: palette }
})
