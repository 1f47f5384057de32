import * as api from '@studioops/contracts/models'
import type { Router } from '../../platform/http/route.ts'
import type { ModelService } from './models.service.ts'

export function registerModelRoutes(router: Router, models: ModelService): void {
  router.serve(api.getModels, ({ principal, language }) =>
    models.show({ userId: principal.userId, language }),
  )
  router.serve(api.chooseModel, ({ principal, language, body }) =>
    models.choose({ userId: principal.userId, language }, body.providerId),
  )
  router.serve(api.getModelUsage, ({ principal, query }) =>
    models.usage(principal.userId, { ...query, ofEverybody: false }),
  )
  router.serve(api.getWorkspaceModelUsage, ({ principal, query }) =>
    models.usage(principal.userId, { ...query, ofEverybody: true }),
  )
  router.serve(api.orderModels, ({ principal, language, body }) =>
    models.order({ userId: principal.userId, language }, body.order),
  )
  router.serve(api.addModelProvider, ({ principal, language, body }) =>
    models.add({ userId: principal.userId, language }, body),
  )
  router.serve(api.removeModelProvider, ({ principal, language, params }) =>
    models.remove({ userId: principal.userId, language }, params.providerId),
  )
  router.serve(api.setModelPrices, ({ principal, language, body }) =>
    models.setPrices({ userId: principal.userId, language }, body.prices),
  )
  router.serve(api.getModelBudgets, ({ principal }) => models.budgets(principal.userId))
  router.serve(api.setModelBudgets, ({ principal, language, body }) =>
    models.setBudgets({ userId: principal.userId, language }, body),
  )
}
