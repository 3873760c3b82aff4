/** A plain 27.007 and 27.005 module of no vendor. */
import { transcript } from '../../../drivers/generic.ts';
import { definePersona } from '../persona.ts';

export const generic = definePersona('generic', transcript, {
  bootLines: { card: '+CPIN: READY', sms: null },
  simRemoved: ['+CPIN: NOT READY'],
});
