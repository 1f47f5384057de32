;(() => {
  // zod would otherwise try whether it may compile with eval, which the content policy reports.
  globalThis.__zod_globalConfig = { jitless: true }
  const root = document.documentElement
  const stored = (key) => {
    try {
      return localStorage.getItem(key)
    } catch {
      return null
    }
  }
  const known = ['en', 'he', 'en-Hebr']
  const fromBrowser = () => {
    for (const tag of navigator.languages ?? []) {
      const primary = tag.toLowerCase().split('-')[0]
      if (primary === 'he' || primary === 'iw') return 'he'
      if (primary === 'en') return 'en'
    }
    return 'en'
  }
  const chosen = stored('lang')
  const language = known.includes(chosen) ? chosen : fromBrowser()
  root.lang = language
  root.dir = language === 'en' ? 'ltr' : 'rtl'
  const theme = stored('theme')
  if (theme === 'light' || theme === 'dark') root.classList.add(theme)
  const showFailure = () => {
    const notice = document.getElementById('boot-failure')
    if (notice === null) addEventListener('DOMContentLoaded', showFailure, { once: true })
    else notice.hidden = false
  }
  const onFailure = () => {
    if (root.dataset.started === undefined) showFailure()
  }
  // A script that does not come, one that this browser cannot read, and one that breaks at once.
  addEventListener('error', onFailure, true)
  addEventListener('unhandledrejection', onFailure)
})()
