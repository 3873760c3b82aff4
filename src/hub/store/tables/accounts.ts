/** Customers: their keys and their money. Amounts are integer micro-units of the account's currency. */
import type { Generated } from 'kysely';
export interface AccountTables {
  account: {
    id: string;
    name: string;
    created_at: string;
    /** A suspended one reads and cancels, and buys nothing; a closed one has no access. */
    status: Generated<'active' | 'suspended' | 'closed'>;
    /** ISO 4217. All amounts of the account are in it. */
    currency: Generated<string>;
    /** What façades keep for the account, as JSON (`rendering` of a webhook's body, a default country). */
    settings: Generated<string>;
  };
  api_key: {
    id: string;
    account: string;
    /** SHA-256 in hex: a key is 256 random bits, so that a slow hash would protect nothing. */
    hash: string;
    /** The key's first characters, to recognise it by. */
    hint: string;
    created_at: string;
    revoked_at: string | null;
    /** What its owner calls it. */
    label: Generated<string>;
    /** `read`, `buy`, `admin`, with a blank between. */
    scopes: string;
    /** CIDRs with a blank between; empty: from anywhere. */
    allow: Generated<string>;
    expires_at: string | null;
    /** Not of every use: at most once a minute. */
    last_used_at: string | null;
    /** Rotation: the key whose place this one takes. That one goes on until its `expires_at`. */
    replaces: string | null;
    /** What façades keep for the key, as JSON (`dialect` of handler_api). */
    settings: Generated<string>;
  };
  /** What webhooks are signed with: the account's, or an endpoint's own. In clear, because signing needs it. */
  webhook_secret: {
    id: string;
    account: string;
    /** null: that of the account, for endpoints without one of their own. */
    endpoint: string | null;
    secret: string;
    created_at: string;
    /** Rotation: signs beside its successors until then. */
    expires_at: string | null;
  };
  /** One row an account, locked by whoever writes to its ledger. */
  wallet: {
    account: string;
    /** What can be spent: the sum of the ledger's `amount`. */
    balance: number;
    /** What is set aside for open activations: the sum of the ledger's `held`. */
    held: number;
    /** Rows in the ledger. */
    entries: number;
    updated_at: string | null;
  };
  /** Every movement of money, once. Rows are added and never changed. */
  ledger: {
    /** `txn_<ulid>` */
    id: string;
    account: string;
    /** 1, 2, 3… within the account. */
    n: number;
    kind: LedgerKind;
    /** The activation, the number, or what the top-up was called: with `kind` and `period` it is there once an account. */
    reference: string;
    /** Which month of a kept number; 0 otherwise. */
    period: number;
    /** Change of the balance: a hold takes, a release gives back, a capture changes nothing any more. */
    amount: number;
    /** Change of what is set aside. */
    held: number;
    balance_after: number;
    held_after: number;
    note: string;
    at: string;
  };
  /** The price book. The most special row counts: account before service, service before country, country before operator. */
  price: {
    product: 'activation' | 'number';
    /** Empty: for all. Likewise the next three. */
    account: string;
    service: string;
    country: string;
    operator: string;
    /** For a number: for 30 days. */
    amount: number;
    /** Loading the file replaces those of the file only. */
    source: 'file' | 'api';
    updated_at: string;
  };
  /** A request that may come again (Idempotency-Key, orderId, idempotency_token): kept for 24 h. */
  idempotency: {
    account: string;
    key: string;
    route: string;
    /** SHA-256 of the body, hex: the same key with another one is a mistake. */
    hash: string;
    /** What was bought: `activation.batch`. */
    batch: string;
    /** The answer as it was given; null while it is being worked on, or after a crash. */
    status: number | null;
    body: string | null;
    created_at: string;
  };
}

export type LedgerKind = 'top-up' | 'hold' | 'capture' | 'release' | 'charge' | 'adjust';
