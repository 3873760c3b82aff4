/** Step 2: accounts with money, activations, kept numbers, webhooks. */
export const second = `
alter table sim add column country text;
alter table sim add column operator text;
alter table sim add column msisdn text;
alter table sim add column eligible integer not null default 0;

alter table account add column status text not null default 'active';
alter table account add column currency text not null default 'USD';
alter table account add column settings text not null default '{}';
alter table api_key add column label text not null default '';
alter table api_key add column scopes text not null default 'read buy admin';
alter table api_key add column allow text not null default '';
alter table api_key add column expires_at text;
alter table api_key add column last_used_at text;
alter table api_key add column replaces text;
alter table api_key add column settings text not null default '{}';
create index api_key_account on api_key (account);
create table webhook_secret (
  id text primary key,
  account text not null references account (id),
  endpoint text,
  secret text not null,
  created_at text not null,
  expires_at text
);
create index webhook_secret_account on webhook_secret (account, endpoint);

create table wallet (
  account text primary key references account (id),
  balance bigint not null default 0,
  held bigint not null default 0,
  entries bigint not null default 0,
  updated_at text
);
insert into wallet (account) select id from account;
create table ledger (
  id text primary key,
  account text not null references account (id),
  n bigint not null,
  kind text not null,
  reference text not null,
  period integer not null default 0,
  amount bigint not null,
  held bigint not null,
  balance_after bigint not null,
  held_after bigint not null,
  note text not null default '',
  at text not null
);
create unique index ledger_once on ledger (account, reference, kind, period);
create unique index ledger_place on ledger (account, n);
create table price (
  product text not null,
  account text not null default '',
  service text not null default '',
  country text not null default '',
  operator text not null default '',
  amount bigint not null,
  source text not null,
  updated_at text not null,
  primary key (product, service, country, operator, account)
);
create table idempotency (
  account text not null,
  key text not null,
  route text not null,
  hash text not null,
  batch text not null,
  status integer,
  body text,
  created_at text not null,
  primary key (account, key)
);
create index idempotency_batch on idempotency (batch);
create index idempotency_created on idempotency (created_at);

create table activation (
  n $counted,
  id text not null unique,
  account text not null references account (id),
  api_key text,
  facade text not null,
  batch text not null,
  mode text not null,
  state text not null,
  service text,
  country text,
  wish text not null default '{}',
  ttl integer not null,
  cost bigint not null,
  currency text not null,
  money text not null,
  order_id text,
  markup integer not null default 0,
  attempt text,
  gateway text,
  iccid text,
  msisdn text,
  operator text,
  message text,
  sender text,
  code text,
  text text,
  messages integer not null default 0,
  resends integer not null default 0,
  created_at text not null,
  opened_at text,
  expires_at text,
  received_at text,
  closed_at text,
  reason text,
  updated_at text not null,
  due_at text
);
create index activation_account on activation (account, mode, n);
create index activation_account_state on activation (account, state);
create index activation_due on activation (due_at) where due_at is not null;
create index activation_batch on activation (batch);
create index activation_queued on activation (service, country) where state = 'queued';
create index activation_closed on activation (closed_at) where closed_at is not null;
create table attempt (
  id text primary key,
  activation text not null references activation (id),
  gateway text not null,
  n integer not null,
  command text not null,
  state text not null,
  iccid text,
  msisdn text,
  reason text,
  asked_at text not null,
  answer_by text not null,
  opened_at text,
  expires_at text,
  closed_at text
);
create unique index attempt_activation on attempt (activation, n);
create index attempt_command on attempt (command);
create index attempt_iccid on attempt (iccid);
create index activation_attempt on activation (attempt);
create index attempt_asked on attempt (answer_by) where state = 'asked';
create table command (
  id text primary key,
  gateway text not null,
  name text not null,
  args text not null,
  attempt text,
  state text not null,
  published_as text,
  tries integer not null default 0,
  next_at text not null,
  created_at text not null,
  answered_at text,
  error text
);
create index command_due on command (next_at) where state = 'waiting';
create index command_published on command (published_as) where state = 'waiting';
create index command_attempt on command (attempt);
create index command_created on command (created_at);
create table kept_number (
  id text primary key,
  account text not null references account (id),
  activation text not null unique references activation (id),
  state text not null,
  iccid text,
  msisdn text,
  country text,
  endpoint text,
  created_at text not null,
  active_at text,
  released_at text,
  paid_until text,
  periods integer not null default 0,
  updated_at text not null
);
create index kept_number_account on kept_number (account, id);
create table attribution (
  activation text not null references activation (id),
  n bigint not null,
  message text not null,
  account text not null,
  listed_at text not null,
  late integer not null default 0,
  stored_at text not null,
  primary key (activation, n)
);
create unique index attribution_once on attribution (activation, message);
create index attribution_since on attribution (activation, listed_at, n);
create index attribution_account on attribution (account, listed_at);
create index attribution_message on attribution (message);
create index attribution_stored on attribution (stored_at);
create table used_sim (
  iccid text not null,
  service text not null,
  account text not null default '',
  why text not null,
  at text not null,
  primary key (service, iccid, account)
);
create table outcome (
  bucket text not null,
  gateway text not null,
  service text not null,
  country text not null,
  received integer not null default 0,
  missed integer not null default 0,
  refused integer not null default 0,
  arrival_ms bigint not null default 0,
  primary key (bucket, service, country, gateway)
);

create table webhook_endpoint (
  id text primary key,
  account text not null references account (id),
  number text,
  url text not null,
  rendering text not null,
  events text not null default '*',
  options text not null default '{}',
  description text not null default '',
  state text not null default 'active',
  disabled_reason text,
  failing_since text,
  created_at text not null,
  updated_at text not null
);
create index webhook_endpoint_account on webhook_endpoint (account, state);
create table webhook_event (
  id text primary key,
  account text not null,
  type text not null,
  reference text not null,
  activation text,
  number text,
  message text,
  sequence bigint not null,
  at text not null,
  data text not null
);
create unique index webhook_event_once on webhook_event (account, type, reference);
create index webhook_event_account on webhook_event (account, id);
create index webhook_event_at on webhook_event (at);
create table delivery (
  id text primary key,
  event text not null references webhook_event (id),
  endpoint text not null references webhook_endpoint (id),
  account text not null,
  state text not null default 'pending',
  attempts integer not null default 0,
  next_at text not null,
  claimed_by text,
  claimed_until text,
  body text,
  content_type text,
  created_at text not null,
  done_at text
);
create index delivery_due on delivery (next_at) where state = 'pending';
create index delivery_endpoint on delivery (endpoint, state, next_at);
create index delivery_event on delivery (event);
create index delivery_account on delivery (account, id);
create table delivery_attempt (
  id text primary key,
  delivery text not null references delivery (id),
  account text not null,
  endpoint text not null,
  n integer not null,
  at text not null,
  ms integer not null,
  status integer,
  error text,
  answer text
);
create index delivery_attempt_delivery on delivery_attempt (delivery, n);
create index delivery_attempt_at on delivery_attempt (at);
`;
