export { registerPurchaseRoutes } from './purchases.routes.ts'
export {
  createPurchaseService,
  type PurchaseService,
  type PurchaseTotals,
} from './purchases.service.ts'
export { sweepPurchases } from './purchases.store.ts'
export { summarizePurchases } from './purchases.summary.ts'
