import fc from 'fast-check'

// Every run has the same values, so that an example of one run is produced by the next one.
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: 1 })
