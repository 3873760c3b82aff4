/**
 * The cases that property tests draw are the same every time under CI=true, so that a failure is of the change; by hand
 * every run draws others. fast-check prints the seed of what fails; `SEED=… npm test` draws its cases again.
 */
const seed = process.env.SEED ?? (process.env.CI === 'true' ? '699603' : undefined);
if (seed !== undefined) {
  const { default: fc } = await import('fast-check');
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });
}

export {};
