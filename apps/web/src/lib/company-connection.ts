/** Invalidate it when the cookie, or a file of the company model, has changed. */
export const companyConnectionKey = ['company-model', 'connection'] as const
