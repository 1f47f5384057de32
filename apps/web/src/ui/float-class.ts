/** What floats above the page: menus, lists, popovers. */
export const floatClass =
  'rounded-card border border-line bg-raised text-ink shadow-float outline-none ' +
  'entering:animate-appear max-w-[min(24rem,calc(100vw-1.5rem))]'
