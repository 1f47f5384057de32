export { createCompanyFiles, type CompanyFilesService } from './company-model.files.ts'
export { createCompanyFolder, examplesAt, readExamples } from './company-model.folder.ts'
export { registerCompanyModelRoutes } from './company-model.routes.ts'
export {
  type CompanyModelService,
  createCompanyModelService,
  type OpenedCompanyModel,
} from './company-model.service.ts'
