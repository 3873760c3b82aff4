/** `/keys`: the keys of the account. A key itself is shown once, when it is made. */
import { z } from 'zod';
import { ulid } from '../../protocol/ulid.ts';
import { hashKey, hintOf, newKey } from '../secrets.ts';
import type { KeyRow } from '../store/account-reads.ts';
import { SCOPES, type Scope } from '../store/accounts.ts';
import { networkRange } from './access.ts';
import { type Api, now, ownerOf, type Routes } from './api.ts';
import { ProblemError } from './problem.ts';

const tags = ['Keys'];
const Id = z.object({ id: z.string() });

const Key = z
  .object({
    id: z.string(),
    label: z.string(),
    hint: z.string().describe('how the key begins'),
    scopes: z.array(z.string()),
    allow: z
      .array(z.string())
      .describe('networks from which it may be used, ::/0 being all of IPv6; none: from anywhere'),
    created_at: z.string(),
    expires_at: z.string().nullable(),
    revoked_at: z.string().nullable(),
    last_used_at: z.string().nullable().describe('within a minute'),
    replaces: z.string().nullable(),
  })
  .meta({ id: 'Key' });
const WithKey = Key.extend({ key: z.string().describe('shown only this once') }).meta({ id: 'NewKey' });

const Allow = z
  .array(z.string().refine((text) => networkRange(text) !== null, 'must be a network such as 192.0.2.0/24'))
  .max(50);

export function keyRoutes(routes: Routes, { store }: Api): void {
  const { reads, verbs } = store;

  const known = async (account: string, id: string): Promise<KeyRow> => {
    const row = (await reads.keys(account)).find((key) => key.id === id);
    if (row === undefined)
      throw new ProblemError('KEY_NOT_FOUND', `there is no key with the id ${id.slice(0, 64)}`);
    return row;
  };

  routes.get(
    '/keys',
    {
      schema: {
        tags,
        operationId: 'listKeys',
        summary: 'The keys of the account, and when each was last used',
        response: { 200: z.object({ keys: z.array(Key) }) },
      },
    },
    async (request) => ({ keys: (await reads.keys(ownerOf(request).account)).map(shownKey) }),
  );

  routes.post(
    '/keys',
    {
      config: { need: 'admin' },
      schema: {
        tags,
        operationId: 'createKey',
        summary: 'A further key',
        body: z
          .object({
            label: z.string().max(100).default(''),
            scopes: z
              .array(z.enum(SCOPES as [Scope, ...Scope[]]))
              .min(1)
              .default(['read', 'buy']),
            allow: Allow.default([]),
            expires_at: z.iso.datetime({ offset: true }).optional(),
          })
          .meta({ example: { label: 'for reading', scopes: ['read'] } }),
        response: { 201: WithKey },
      },
    },
    async (request, reply) => {
      const { account } = ownerOf(request);
      const { label, scopes, allow, expires_at } = request.body;
      const key = newKey();
      const id = ulid(Date.now());
      const expiresAt = expires_at === undefined ? null : new Date(expires_at).toISOString();
      const row = { id, account, hash: hashKey(key), hint: hintOf(key), label, scopes, allow, expiresAt };
      await verbs.createKey({ ...row, now: now() });
      return reply.code(201).send({ ...shownKey(await known(account, id)), key });
    },
  );

  routes.post(
    '/keys/:id/rotate',
    {
      config: { need: 'admin' },
      schema: {
        tags,
        operationId: 'rotateKey',
        summary: 'A new key in the place of one, which goes on for a while',
        description:
          'The new key may do what the old one may, and lives as long as that one was made to live. The old one goes on for ' +
          '`overlap_seconds`, but no longer than it would have.',
        params: Id,
        body: z
          .object({
            overlap_seconds: z.coerce
              .number()
              .int()
              .min(0)
              .max(30 * 86_400)
              .default(86_400),
          })
          .meta({ example: { overlap_seconds: 86_400 } }),
        response: { 201: WithKey },
      },
    },
    async (request, reply) => {
      const { account } = ownerOf(request);
      const old = await known(account, request.params.id);
      const key = newKey();
      const at = Date.now();
      const id = ulid(at);
      const until = new Date(at + request.body.overlap_seconds * 1_000).toISOString();
      const row = { id, account, hash: hashKey(key), hint: hintOf(key) };
      await verbs.createKey({ ...row, replaces: { id: old.id, until }, now: new Date(at).toISOString() });
      return reply.code(201).send({ ...shownKey(await known(account, id)), key });
    },
  );

  routes.delete(
    '/keys/:id',
    {
      config: { need: 'admin' },
      schema: {
        tags,
        operationId: 'revokeKey',
        summary: 'A key stops working at once',
        params: Id,
        response: { 200: Key },
      },
    },
    async (request) => {
      const { account } = ownerOf(request);
      await verbs.revokeKey({ id: request.params.id, account, now: now() });
      return shownKey(await known(account, request.params.id));
    },
  );
}

function shownKey(row: KeyRow): z.infer<typeof Key> {
  return {
    id: row.id,
    label: row.label,
    hint: row.hint,
    scopes: [...row.scopes],
    allow: [...row.allow],
    created_at: row.createdAt,
    expires_at: row.expiresAt,
    revoked_at: row.revokedAt,
    last_used_at: row.lastUsedAt,
    replaces: row.replaces,
  };
}
