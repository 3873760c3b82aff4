/** A message as the API shows it, whoever asks: customers of what they bought, the operator of any SIM. */
import { z } from 'zod';
import type { MessageRow } from '../store/reads.ts';
import { wholeSeconds } from './page.ts';

export const Message = z
  .object({
    id: z.string(),
    from: z.string(),
    from_type: z.string(),
    text: z.string().nullable().describe('null for binary messages and those that could not be decoded'),
    received_at: z.string().describe('UTC, whole seconds'),
    sequence: z.number().int().describe('1, 2, 3… within the number, in order of arrival'),
    complete: z.boolean(),
    parts: z.object({ total: z.number().int(), received: z.number().int() }),
    code: z.string().nullable().describe('the one-time code in the text'),
    encoding: z.string(),
    data_hex: z.string().nullable(),
    class: z.number().int().nullable(),
    sent_at: z.string().nullable().describe('by the service centre’s clock, with its own offset'),
    updated_at: z.string().nullable().describe('when a late part was added'),
    attribution: z.string().describe('doubtful: it may have been meant for the SIM before this one'),
    error: z.string().nullable(),
  })
  .meta({ id: 'Message' });

/** @param from - how the sender is written. */
export function messageOf(
  { id, n, receivedAt, updatedAt, data }: MessageRow,
  from: (sender: string) => string = (sender) => sender,
): z.infer<typeof Message> {
  return {
    id,
    from: from(data.from),
    from_type: data.fromType,
    text: data.text,
    received_at: wholeSeconds(receivedAt),
    sequence: n,
    complete: data.complete,
    parts: data.parts,
    code: data.code?.value ?? null,
    encoding: data.encoding,
    data_hex: data.dataHex,
    class: data.class,
    sent_at: data.sentAt,
    updated_at: updatedAt === null ? null : wholeSeconds(updatedAt),
    attribution: data.attribution,
    error: data.error,
  };
}
