import * as api from '@studioops/contracts/pages'
import type { Router } from '../../platform/http/route.ts'
import { headingsIn } from './pages.payload.ts'
import type { Publishing } from './pages.publish.ts'
import type { PageDesk } from './pages.desk.ts'

type Services = { readonly desk: PageDesk; readonly publishing: Publishing }

export function registerPageRoutes(router: Router, { desk, publishing }: Services): void {
  router.serve(api.searchPages, async ({ query, principal }) => ({
    pages: await desk.search(principal.userId, query.query),
  }))

  router.serve(api.listSpaces, async ({ principal }) => ({
    spaces: await desk.spaces(principal.userId),
  }))

  router.serve(api.listHeadings, async ({ params, principal }) => {
    const page = await desk.withConfluence(principal.userId, (one) => one.page(params.pageId))
    return { headings: headingsIn(page.storage), version: page.version.number }
  })

  router.serve(api.previewPublication, async ({ params, body, principal, language }) => ({
    preview: await publishing.preview(
      { userId: principal.userId, language, ...params },
      body.target,
    ),
  }))

  router.serve(api.publishStory, async ({ params, body, principal, language }) => ({
    operation: await publishing.publish({ userId: principal.userId, language, ...params }, body),
  }))

  router.serve(api.listPublications, async ({ params, principal, language }) => ({
    operations: await publishing.list({ userId: principal.userId, language, ...params }),
  }))
}
