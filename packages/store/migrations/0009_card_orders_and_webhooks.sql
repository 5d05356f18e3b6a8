-- What a partner said of a card as it ordered it and the issuer has no rule for, as JSON: the account, the lines on the
-- card, its type. The webhook about the card sends it back.
alter table cards add column order_details jsonb;

-- The URLs at which partners want to be told of events.
create table webhooks (
  id text collate "C" primary key,
  protocol text collate "C" not null,
  partner_id text collate "C" not null references partners,
  event_type text collate "C" not null,
  url text not null,
  secret_key_id text collate "C" not null,
  secret_sealed bytea not null,
  created_at timestamptz not null
);
create index webhooks_partner on webhooks (partner_id, protocol, created_at, id);
create index webhooks_secret_key on webhooks (secret_key_id, id);

-- A notification for a webhook: `recipient` is the webhook's id, `channel` the protocol in whose form it is posted.
alter table outbox
  drop constraint outbox_topic_check,
  drop constraint outbox_check,
  drop constraint outbox_check1,
  drop constraint outbox_check2,
  add constraint outbox_topic_check check (topic in ('message', 'event', 'webhook')),
  add constraint outbox_payload_check check ((topic = 'message') = (payload is null)),
  add constraint outbox_recipient_check check ((topic = 'event') = (recipient is null)),
  add constraint outbox_channel_check check ((topic = 'event') = (channel is null));
