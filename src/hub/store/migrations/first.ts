/** Step 1, released: what gateways say, and who may read it. Never changed any more. */
export const first = `
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
`;
