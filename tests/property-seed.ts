import fc from 'fast-check'

/**
 * A run of all tests asks the properties the same questions each time, so that it is red only for what
 * was changed. Campaigns ask new ones: `PROPERTY_SEED=random`, or a number that is to be asked again.
 */
const said = process.env['PROPERTY_SEED'] ?? '20260301'
if (said !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(said) })
