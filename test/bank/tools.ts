/** Of what commands need, that which a test does not look at. */
import type { CommandTools } from '../../src/bank/command-table.ts';

export const UNUSED: Pick<CommandTools, 'sendLimits' | 'sendNow' | 'ussd' | 'at'> = {
  sendLimits: { perSimPerHour: 10, perSimPerDay: 50 },
  sendNow: () => {},
  ussd: async () => ({}),
  at: async () => [],
};
