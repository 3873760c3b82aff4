/** vitest's globalSetup: the shared PostgreSQL ends with the run. */
import { sharedByRun } from './postgres.ts';

export default sharedByRun;
