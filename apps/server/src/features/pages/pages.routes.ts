import * as api from '@studioops/contracts/pages'
import type { Router } from '../../platform/http/route.ts'
import { headingsIn } from './pages.payload.ts'
import type { Publishing } from './pages.publish.ts'
import type { PageShelf } from './pages.shelf.ts'

type Services = { readonly shelf: PageShelf; readonly publishing: Publishing }

export function registerPageRoutes(router: Router, { shelf, publishing }: Services): void {
  router.serve(api.searchPages, async ({ query, principal }) => ({
    pages: await shelf.search(principal.userId, query.query),
  }))

  router.serve(api.listSpaces, async ({ principal }) => ({
    spaces: await shelf.spaces(principal.userId),
  }))

  router.serve(api.listHeadings, async ({ params, principal }) => {
    const page = await shelf.withConfluence(principal.userId, (one) => one.page(params.pageId))
    return { headings: headingsIn(page.storage), version: page.version.number }
  })

  router.serve(api.listStoryPages, ({ params, principal, language }) =>
    shelf.show({ userId: principal.userId, language, ...params }),
  )

  router.serve(api.attachPage, ({ params, body, principal, language }) =>
    shelf.attach({ userId: principal.userId, language, ...params }, body.pageId),
  )

  router.serve(api.detachPage, ({ params, principal, language }) => {
    const { storyId, pageId } = params
    return shelf.detach({ userId: principal.userId, storyId, language }, pageId)
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
