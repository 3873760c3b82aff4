/**
 * The hub's tables. Column types and DDL are those that SQLite and PostgreSQL both take: text, bigint, integer; times are
 * RFC 3339 UTC with milliseconds, so that comparing them as text compares the moments.
 */
import type { Kysely } from 'kysely';

/** What a verb or a read runs on: a connection, or the transaction that whoever calls has opened. */
export type Db = Kysely<Tables>;

/** No boolean column: SQLite has none. */
type Flag = 0 | 1;

export interface Tables {
  gateway: {
    id: string;
    /** The epoch of the last live `online`; null before the first. */
    epoch: string | null;
    online: Flag;
    session: string | null;
    instance: string | null;
    version: string | null;
    started_at: string | null;
    /** `time` of the last status that counted. */
    seen_at: string | null;
    /** Counted up to hold the row's lock while a gateway's events are applied. */
    locks: number;
  };
  /** How far the events of one gateway's epoch are applied. */
  epoch: {
    gateway: string;
    epoch: string;
    /** Every event up to here is applied, or can never come. */
    frontier: number;
    /** The id of event `frontier`; null at 0 and after a truncated replay. */
    frontier_id: string | null;
    /** The highest number known to exist, from events and statuses. */
    last_seq: number;
    /** An older epoch that had its replay: what arrives is applied, whatever is missing before it. */
    passed: Flag;
  };
  /** Raw events as they came; the receipt for them is given once they are here. */
  event: {
    gateway: string;
    epoch: string;
    seq: number;
    id: string;
    type: string;
    /** The payload, untouched: a later version may understand more of it. */
    body: string;
    stored_at: string;
    applied: Flag;
  };
  /** Ids of applied events. One that comes again under another epoch and number is known by it. */
  applied: { id: string; applied_at: string };
  message: {
    id: string;
    iccid: string | null;
    /** 1, 2, 3… in order of arrival at this number (at no number: among those). */
    n: number;
    /** `received_at`, but never before that of an earlier `n`: see `listedAt` in messages.ts. */
    listed_at: string;
    received_at: string;
    gateway: string;
    parts_received: number;
    /** By the hub's clock: a gateway without one may say 1970. */
    stored_at: string;
    updated_at: string | null;
    /** SmsReceived of protocol/events.ts, as JSON. */
    data: string;
  };
  /** One row a number: how many messages it has had, and the last `listed_at`. `iccid` is '' for those of no SIM. */
  inbox: { iccid: string; messages: number; listed_at: string };
  /** What the gateways say of SIMs. A SIM that left keeps its row, so that its messages keep their number. */
  sim: {
    gateway: string;
    iccid: string;
    epoch: string;
    rev: number;
    inserted_at: string;
    gone: Flag;
    /** SimState of protocol/state.ts, as JSON. */
    data: string;
  };
  slot: { gateway: string; slot: string; epoch: string; rev: number; data: string };
  account: { id: string; name: string; created_at: string };
  api_key: {
    id: string;
    account: string;
    /** SHA-256 in hex: a key is 256 random bits, so that a slow hash would protect nothing. */
    hash: string;
    /** The key's first characters, to recognise it by. */
    hint: string;
    created_at: string;
    revoked_at: string | null;
  };
  alarm: { id: string; gateway: string | null; kind: string; detail: string; at: string };
  setting: { name: string; value: string };
}

/** Applied once each, in order; see sqlite.ts. */
export const migrations: readonly string[] = [
  `
  create table gateway (
    id text primary key,
    epoch text,
    online integer not null default 0,
    session text,
    instance text,
    version text,
    started_at text,
    seen_at text,
    locks bigint not null default 0
  );
  create table epoch (
    gateway text not null references gateway (id),
    epoch text not null,
    frontier bigint not null default 0,
    frontier_id text,
    last_seq bigint not null default 0,
    passed integer not null default 0,
    primary key (gateway, epoch)
  );
  create table event (
    gateway text not null,
    epoch text not null,
    seq bigint not null,
    id text not null,
    type text not null,
    body text not null,
    stored_at text not null,
    applied integer not null default 0,
    primary key (gateway, epoch, seq),
    foreign key (gateway, epoch) references epoch (gateway, epoch)
  );
  create index event_waiting on event (gateway, epoch, seq) where applied = 0;
  create index event_stored on event (stored_at);
  create table applied (
    id text primary key,
    applied_at text not null
  );
  create index applied_at on applied (applied_at);
  create table message (
    id text primary key,
    iccid text,
    n bigint not null,
    listed_at text not null,
    received_at text not null,
    gateway text not null,
    parts_received integer not null,
    stored_at text not null,
    updated_at text,
    data text not null
  );
  create unique index message_arrival on message (iccid, n);
  create index message_since on message (iccid, listed_at, n);
  create index message_stored on message (stored_at);
  create table inbox (
    iccid text primary key,
    messages bigint not null,
    listed_at text not null
  );
  create table sim (
    gateway text not null,
    iccid text not null,
    epoch text not null,
    rev bigint not null,
    inserted_at text not null,
    gone integer not null,
    data text not null,
    primary key (gateway, iccid)
  );
  create index sim_iccid on sim (iccid);
  create table slot (
    gateway text not null,
    slot text not null,
    epoch text not null,
    rev bigint not null,
    data text not null,
    primary key (gateway, slot)
  );
  create table account (
    id text primary key,
    name text not null unique,
    created_at text not null
  );
  create table api_key (
    id text primary key,
    account text not null references account (id),
    hash text not null unique,
    hint text not null,
    created_at text not null,
    revoked_at text
  );
  create table alarm (
    id text primary key,
    gateway text,
    kind text not null,
    detail text not null,
    at text not null
  );
  create table setting (
    name text primary key,
    value text not null
  );
  `,
];
