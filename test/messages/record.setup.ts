import { configureGlobal, readConfigureGlobal } from 'fast-check'

// Every run has the same values, so that an example of one run is produced by the next one.
configureGlobal({ ...readConfigureGlobal(), seed: 1 })
