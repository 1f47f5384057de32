import type { BrowserContext, ConsoleMessage, Page } from 'playwright-core'

/** What must never happen on any page of ours. Each entry is a sentence. */
export type Watch = {
  readonly findings: string[]
}

declare global {
  /** Bound by `watch`. */
  function reportViolation(text: string): void
}

/**
 * Listens to every page of the context: breaches of the content security policy, requests to other
 * hosts, errors of scripts and everything that the console calls an error, except that an answer
 * of our own API was a refusal, which the page shows in its own way.
 */
export async function watch(context: BrowserContext, url: string): Promise<Watch> {
  const findings: string[] = []
  await context.exposeFunction('reportViolation', (text: string) => {
    findings.push(`policy: ${text}`)
  })
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile }) =>
      reportViolation(`${violatedDirective} blocked ${blockedURI} of ${String(sourceFile)}`),
    )
  })
  const { host } = new URL(url)
  context.on('request', (request) => {
    const asked = new URL(request.url())
    const isLocal = ['data:', 'blob:', 'about:'].includes(asked.protocol)
    if (!isLocal && asked.host !== host) findings.push(`request to ${request.url()}`)
  })
  const listen = (page: Page) => {
    page.on('pageerror', (error) => findings.push(`error on ${page.url()}: ${error.message}`))
    page.on('console', (message) => {
      if (message.type() === 'error' && !isRefusal(message, url))
        findings.push(`console on ${page.url()}: ${message.text()}`)
    })
  }
  for (const page of context.pages()) listen(page)
  context.on('page', listen)
  return { findings }
}

function isRefusal(message: ConsoleMessage, url: string): boolean {
  const status = /^Failed to load resource: .* status of (\d+)/.exec(message.text())?.[1]
  return (
    status !== undefined && status !== '500' && message.location().url.startsWith(`${url}/api/`)
  )
}
