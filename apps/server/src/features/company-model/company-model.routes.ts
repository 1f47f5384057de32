import * as api from '@studioops/contracts/company-model'
import { requireStepUp, type Router } from '../../platform/http/route.ts'
import type { CompanyFilesService } from './company-model.files.ts'
import type { CompanyModelService } from './company-model.service.ts'

type Dependencies = {
  readonly router: Router
  readonly companyModel: CompanyModelService
  readonly files: CompanyFilesService
}

export function registerCompanyModelRoutes({ router, companyModel, files }: Dependencies): void {
  router.serve(api.getCompanyConnection, async ({ principal, language }) =>
    companyModel.show(principal.userId, language),
  )

  router.serve(api.saveCompanyCookie, async ({ principal, body, language }) => {
    if (await companyModel.isReplacing(principal.userId, body.cookie)) requireStepUp(principal)
    return companyModel.save(principal.userId, { ...body, language })
  })

  router.serve(api.testCompanyModel, async ({ principal, body, language }) =>
    companyModel.test(principal.userId, { cookie: body.cookie, language }),
  )

  router.serve(api.revealCompanyCookie, async ({ principal }) =>
    companyModel.reveal(principal.userId),
  )

  router.serve(api.removeCompanyCookie, async ({ principal, language }) =>
    companyModel.remove(principal.userId, language),
  )

  router.serve(api.getCompanyFiles, async ({ language }) => files.overview(language))

  router.serve(api.checkCompanyFiles, async ({ body, language }) => ({
    problems: files.check(body.files, language),
  }))

  router.serve(api.saveCompanyFiles, async ({ principal, body, language }) => {
    const { files: texts, note, basedOn } = body
    await files.save({ userId: principal.userId, texts, note, basedOn })
    return files.overview(language)
  })

  router.serve(api.listCompanyVersions, async ({ principal }) => ({
    versions: await files.versions(principal.userId),
  }))

  router.serve(api.getCompanyVersion, async ({ principal, params }) =>
    files.version(principal.userId, params.number),
  )

  router.serve(api.restoreCompanyVersion, async ({ principal, params, body, language }) => {
    await files.restore(principal.userId, { ...params, ...body })
    return files.overview(language)
  })
}
