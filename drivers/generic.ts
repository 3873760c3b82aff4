/** Any modem that keeps to 3GPP TS 27.007 and 27.005: what is taken when no family fits. */
import { defineDriver } from '../src/modem/driver.ts';

export default defineDriver({
  name: 'generic',
  title: 'Generic 3GPP modem',
});

export const transcript = `
> AT+CGMM
< GENERIC
< OK
> AT+CCID
< +CCID: 8999000000000000011
< OK
`;
