/** How numbers look in the API: those that a customer keeps, and every SIM to the operator. Pure. */
import { z } from 'zod';
import type { KeptNumberRow } from '../store/activation-reads.ts';
import type { NumberRow } from '../store/reads.ts';
import { wholeSeconds } from './page.ts';

export const Sim = z
  .object({
    id: z.string().describe('the ICCID'),
    iccid: z.string(),
    phone: z.string().nullable().describe('E.164; null until it is known'),
    msisdn: z.string().nullable().describe('the same as phone'),
    state: z.string().describe('ready, registering, locked, absent, disabled, quarantined or retired'),
    online: z.boolean().describe('whether the gateway that has the SIM is there'),
    gateway: z.string(),
    slot: z.string().nullable(),
    operator: z.string().nullable(),
    country: z.string().nullable().describe('ISO 3166-1 alpha-2'),
    updated_at: z.string(),
  })
  .meta({ id: 'Sim' });

const ESIM = 'null for a SIM that is a card';

export const KeptNumber = z
  .object({
    id: z.string().describe('num_ and a ULID'),
    number_id: z.string().describe('the same as id'),
    activation_id: z.string().describe('under which its transactions are found'),
    phone: z.string().nullable().describe('E.164'),
    msisdn: z.string().nullable().describe('the same as phone'),
    status: z
      .enum(['provisioning', 'active', 'suspended', 'released', 'failed'])
      .describe('suspended: its SIM is away, and comes back by itself'),
    state: z.string().describe('the same as status'),
    country: z.string().nullable().describe('ISO 3166-1 alpha-2'),
    webhook_url: z.string().nullable(),
    iccid: z.string().nullable(),
    lpa: z.string().nullable().describe(ESIM),
    esim_qr: z.string().nullable().describe(ESIM),
    esim: z.object({
      iccid: z.string().nullable(),
      lpa: z.string().nullable().describe(ESIM),
      qr: z.string().nullable().describe(ESIM),
    }),
    created_at: z.string(),
    updated_at: z.string(),
    paid_until: z.string().nullable().describe('null until its first rent, and where it costs nothing'),
    released_at: z.string().nullable(),
  })
  .meta({ id: 'KeptNumber' });

export function simOf({ sim, gateway, online, gone }: NumberRow): z.infer<typeof Sim> {
  return {
    id: sim.iccid,
    iccid: sim.iccid,
    phone: sim.msisdn,
    msisdn: sim.msisdn,
    state: gone ? 'absent' : sim.state,
    online: online && !gone,
    gateway,
    slot: gone ? null : sim.slot,
    operator: sim.operator,
    country: sim.countryIso,
    updated_at: wholeSeconds(sim.updatedAt),
  };
}

export function keptNumberOf(row: KeptNumberRow, webhookUrl: string | null): z.infer<typeof KeptNumber> {
  const { id, activation, state, iccid, msisdn, country } = row;
  const whole = (time: string | null) => (time === null ? null : wholeSeconds(time));
  return {
    id,
    number_id: id,
    activation_id: activation,
    phone: msisdn,
    msisdn,
    status: state,
    state,
    country,
    webhook_url: webhookUrl,
    iccid,
    lpa: null,
    esim_qr: null,
    esim: { iccid, lpa: null, qr: null },
    created_at: wholeSeconds(row.created_at),
    updated_at: wholeSeconds(row.updated_at),
    paid_until: whole(row.paid_until),
    released_at: whole(row.released_at),
  };
}
