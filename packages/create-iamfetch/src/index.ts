export { createProject, type Project } from './create.ts'
