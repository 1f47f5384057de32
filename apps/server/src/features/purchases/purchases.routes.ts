import * as api from '@studioops/contracts/purchases'
import type { Router } from '../../platform/http/route.ts'
import type { PurchaseService } from './purchases.service.ts'

export function registerPurchaseRoutes(router: Router, purchases: PurchaseService): void {
  router.serve(api.listPurchases, async ({ principal: { userId }, params, query }) => {
    const { sort, direction, page, ...filter } = query
    return purchases.list({ userId, ...params }, { filter, sort, direction, page })
  })

  router.serve(api.sumPurchases, async ({ principal: { userId }, params, query }) =>
    purchases.totals({ userId, ...params }, query),
  )

  router.serve(api.addPurchase, async ({ principal: { userId }, params, body }) => ({
    purchase: await purchases.add({ userId, ...params }, body),
  }))

  router.serve(api.changePurchase, async ({ principal: { userId }, params, body }) => ({
    purchase: await purchases.change({ userId, ...params }, body),
  }))

  router.serve(api.removePurchase, async ({ principal: { userId }, params, body }) => ({
    purchase: await purchases.remove({ userId, ...params }, body.isRemoved),
  }))

  router.serve(api.previewImport, async ({ principal: { userId }, params, body }) =>
    purchases.preview({ userId, ...params }, body),
  )

  router.serve(api.importPurchases, async ({ principal: { userId }, params, body }) =>
    purchases.importAll({ userId, ...params }, body.purchases),
  )

  router.serve(api.exportPurchases, async ({ principal: { userId }, params, query }) => {
    const { language, ...filter } = query
    return purchases.exportAll({ userId, ...params }, filter, language)
  })
}
