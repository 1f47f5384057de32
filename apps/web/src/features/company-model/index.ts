import { lazy } from 'react'

export { companyModelRoutes } from './company-model.routes.tsx'

/** For the page of the connections; stands inside a `Suspense`. */
export const CompanyModelSection = lazy(async () => {
  const { CompanyModelSection: section } = await import('./company-model-section.tsx')
  return { default: section }
})
