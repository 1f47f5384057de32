import type { Installation } from '@studioops/contracts/installation'

/** Where a visitor of the bare address belongs. */
export function startPath(
  { mode, demo }: Installation,
  isSignedIn: boolean,
): '/dashboard' | '/welcome' | '/register' | '/sign-in' {
  if (isSignedIn) return '/dashboard'
  if (mode === 'new') return '/welcome'
  const isFirstOfDemo = mode === 'demo' && !demo?.people.some((person) => person.registered)
  return isFirstOfDemo ? '/register' : '/sign-in'
}
