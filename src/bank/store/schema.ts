/** The gateway's database, one step a version. Times are RFC 3339 UTC with milliseconds: they sort as text. */
import type { Migration } from '../../sqlite.ts';

export const migrations: readonly Migration[] = [
  `
  -- instance, epoch, confirm (set to 'hub' at the first acknowledgement ever), boots
  CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) WITHOUT ROWID, STRICT;

  -- One row a numbering. last_seq is here and not max(event.seq): a purge must not start the numbers again.
  CREATE TABLE epoch (
    id TEXT PRIMARY KEY,
    last_seq INTEGER NOT NULL DEFAULT 0,
    acked_seq INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL
  ) WITHOUT ROWID, STRICT;

  -- The outbox: what happened, in the order it was committed. data is the JSON of the payload's member. No further index:
  -- each would be one more page to sync with every message.
  CREATE TABLE event (
    epoch TEXT NOT NULL REFERENCES epoch (id),
    seq INTEGER NOT NULL,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    time TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (epoch, seq)
  ) WITHOUT ROWID, STRICT;

  CREATE TABLE sim (
    iccid TEXT PRIMARY KEY,
    imsi TEXT,
    slot TEXT,
    inserted_at TEXT NOT NULL,
    msisdn TEXT,
    msisdn_source TEXT,
    country_iso TEXT,
    operator TEXT,
    label TEXT,
    swept_at TEXT
  ) WITHOUT ROWID, STRICT;
  CREATE UNIQUE INDEX sim_slot ON sim (slot) WHERE slot IS NOT NULL;

  -- Slots whose state may be retained at the broker.
  CREATE TABLE slot (
    slot TEXT PRIMARY KEY
  ) WITHOUT ROWID, STRICT;

  -- Modem memory outlives a swap of the card: of these the first listing is still to come, and may find another card's.
  CREATE TABLE doubt (
    slot TEXT NOT NULL,
    store TEXT NOT NULL,
    PRIMARY KEY (slot, store)
  ) WITHOUT ROWID, STRICT;

  -- Messages in several parts, while they are collected and until their parts are purged. One that came whole is an event.
  CREATE TABLE message (
    id TEXT PRIMARY KEY,
    iccid TEXT,
    imei TEXT,
    slot TEXT NOT NULL,
    attribution TEXT NOT NULL,
    -- Sender, reference with its width, and total.
    concat TEXT NOT NULL,
    total INTEGER NOT NULL,
    received INTEGER NOT NULL,
    -- Unix ms of the first part's service centre time, where that is possible.
    sent_ms INTEGER,
    -- collecting, partial (published with parts missing) or complete
    state TEXT NOT NULL,
    first_at TEXT NOT NULL,
    last_at TEXT NOT NULL
  ) WITHOUT ROWID, STRICT;
  CREATE INDEX message_open ON message (iccid, concat, last_at) WHERE state <> 'complete';
  CREATE INDEX message_collecting ON message (first_at) WHERE state = 'collecting';

  CREATE TABLE part (
    id INTEGER PRIMARY KEY,
    -- Empty where the card was not known.
    iccid TEXT NOT NULL,
    -- A hash of the TPDU without its SMSC, the TP-MMS bit masked: what makes a part the same part again.
    identity TEXT NOT NULL,
    -- Emptied when the retention is over; the identity stays, and tells a resend for long after.
    tpdu TEXT NOT NULL,
    slot TEXT NOT NULL,
    store TEXT NOT NULL,
    received_at TEXT NOT NULL,
    -- 1 where the service centre's time is possible: only then does the identity hold for ever.
    dated INTEGER NOT NULL,
    -- The message in several parts it belongs to; null for what came whole.
    message_id TEXT,
    number INTEGER NOT NULL,
    resends INTEGER NOT NULL DEFAULT 0,
    seen_at TEXT NOT NULL
  ) STRICT;
  CREATE INDEX part_identity ON part (identity, iccid);
  CREATE INDEX part_message ON part (message_id, number) WHERE message_id IS NOT NULL;

  -- Alarms that are raised and not cleared: each is told once, also over a restart. subject: a slot, an ICCID, or empty.
  CREATE TABLE alarm (
    alarm TEXT NOT NULL,
    subject TEXT NOT NULL,
    raised_at TEXT NOT NULL,
    PRIMARY KEY (alarm, subject)
  ) WITHOUT ROWID, STRICT;

  -- Answers to commands, so that the same id twice is carried out once, also over a restart.
  CREATE TABLE command (
    id TEXT PRIMARY KEY,
    reply TEXT NOT NULL,
    at TEXT NOT NULL
  ) WITHOUT ROWID, STRICT;
  CREATE INDEX command_age ON command (at);
  `,
  `
  -- held: quarantined or retired; null while it may serve. last_used_at: when an activation was last opened on it.
  ALTER TABLE sim ADD COLUMN held TEXT;
  ALTER TABLE sim ADD COLUMN last_used_at TEXT;
  CREATE INDEX sim_last_used ON sim (last_used_at);

  -- When the first part came, as far as that is certain (bank/activations/matching.ts), and as JSON the activations it was
  -- attributed to when it was first told of: a late part does not take it away from them.
  ALTER TABLE message ADD COLUMN arrived_ms INTEGER;
  ALTER TABLE message ADD COLUMN opened_by_ms INTEGER;
  ALTER TABLE message ADD COLUMN activations TEXT;

  -- What is open now. One that ends leaves for ended_activation; its history is in the audit.
  CREATE TABLE activation (
    id TEXT PRIMARY KEY,
    iccid TEXT NOT NULL REFERENCES sim (iccid),
    msisdn TEXT NOT NULL,
    -- Null: any service.
    service TEXT,
    mode TEXT NOT NULL,
    -- JSON of the customer's own patterns, where there are any.
    match TEXT,
    opened_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    matched_at TEXT
  ) WITHOUT ROWID, STRICT;
  -- No SIM serves one service twice at a time, whatever the code above this says.
  CREATE UNIQUE INDEX activation_open ON activation (iccid, coalesce(service, ''));

  -- Ids that must not be opened (again): for a day, as commands are known. Some were closed before they were opened.
  CREATE TABLE ended_activation (
    id TEXT PRIMARY KEY,
    at TEXT NOT NULL
  ) WITHOUT ROWID, STRICT;

  -- For which services a SIM has received, or was said to have; '' for one that nobody knows.
  CREATE TABLE used_service (
    iccid TEXT NOT NULL,
    service TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (iccid, service)
  ) WITHOUT ROWID, STRICT;

  -- Slots an operator has switched off.
  CREATE TABLE disabled_slot (
    slot TEXT PRIMARY KEY,
    at TEXT NOT NULL
  ) WITHOUT ROWID, STRICT;

  -- Who had which SIM for what, from when to when, and how it ended. No texts, no codes, numbers masked. Only added to: rows
  -- go when they are older than meta.audit_before, which the purge sets.
  CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    -- opened, rearmed, matched, closed or refused
    what TEXT NOT NULL,
    activation_id TEXT NOT NULL,
    -- The command that asked for it; null where the gateway acted by itself.
    command_id TEXT,
    iccid TEXT,
    number TEXT,
    service TEXT,
    mode TEXT,
    expires_at TEXT,
    -- How it ended, or why it was refused.
    reason TEXT,
    message_id TEXT
  ) STRICT;
  CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN
    SELECT raise(ABORT, 'the audit is only added to');
  END;
  CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
  WHEN old.at >= coalesce((SELECT value FROM meta WHERE key = 'audit_before'), '') BEGIN
    SELECT raise(ABORT, 'the audit is only added to');
  END;
  `,
  `
  -- Messages a command sends. rowid counts up, and gives long ones their reference: so not WITHOUT ROWID.
  CREATE TABLE outgoing (
    command_id TEXT PRIMARY KEY,
    iccid TEXT NOT NULL,
    recipient TEXT NOT NULL,
    report INTEGER NOT NULL,
    parts INTEGER NOT NULL,
    -- waiting, sent, failed or doubt
    state TEXT NOT NULL,
    accepted_at TEXT NOT NULL,
    ended_at TEXT
  ) STRICT;
  CREATE INDEX outgoing_sim ON outgoing (iccid, accepted_at);
  CREATE INDEX outgoing_waiting ON outgoing (accepted_at) WHERE state = 'waiting';

  CREATE TABLE outgoing_part (
    command_id TEXT NOT NULL REFERENCES outgoing (command_id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    -- Emptied as soon as it is not needed any more.
    pdu TEXT NOT NULL,
    length INTEGER NOT NULL,
    -- waiting, sending (the modem may have it), sent, failed or doubt
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    not_before TEXT NOT NULL DEFAULT '',
    -- 23.040 9.2.3.6, as the modem gave it.
    reference INTEGER,
    -- What a status report said last.
    report TEXT,
    at TEXT,
    PRIMARY KEY (command_id, number)
  ) WITHOUT ROWID, STRICT;
  CREATE INDEX outgoing_part_sending ON outgoing_part (command_id) WHERE state = 'sending';
  CREATE INDEX outgoing_part_reference ON outgoing_part (reference) WHERE state = 'sent';
  `,
  `
  -- What each source says of a SIM's number: the list or a command of the operator (operator), the card (sim), the network (ussd)
  -- or a message from it (sms). What of it counts is in sim; how that is decided is in bank/numbers/claims.ts.
  CREATE TABLE number_claim (
    iccid TEXT NOT NULL REFERENCES sim (iccid),
    source TEXT NOT NULL,
    msisdn TEXT NOT NULL,
    country_iso TEXT,
    -- 1: by the operator's list, which may take it back.
    listed INTEGER NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (iccid, source)
  ) WITHOUT ROWID, STRICT;
  CREATE INDEX number_claim_number ON number_claim (msisdn);
  INSERT INTO number_claim (iccid, source, msisdn, country_iso, listed, at)
    SELECT iccid, msisdn_source, msisdn, country_iso, 0, inserted_at FROM sim
    WHERE msisdn IS NOT NULL AND msisdn_source IS NOT NULL;

  -- When a source was asked last. nonce: the word in the message that is to show the number, until it has come.
  CREATE TABLE number_inquiry (
    iccid TEXT NOT NULL REFERENCES sim (iccid),
    source TEXT NOT NULL,
    at TEXT NOT NULL,
    nonce TEXT,
    PRIMARY KEY (iccid, source)
  ) WITHOUT ROWID, STRICT;
  CREATE INDEX number_inquiry_nonce ON number_inquiry (nonce) WHERE nonce IS NOT NULL;
  `,
];
