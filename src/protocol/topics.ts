/** The topics of the MQTT contract. A gateway writes below `<root>/<gw>`, a hub listens to `<root>/+`. */
export interface Topics {
  readonly status: string;
  readonly commands: string;
  readonly replies: string;
  readonly acks: string;
  slot(slot: string): string;
  sim(iccid: string): string;
  event(type: string): string;
}

export function topicsOf(root: string, gateway: string): Topics {
  const base = `${root}/${gateway}`;
  return {
    status: `${base}/status`,
    commands: `${base}/commands`,
    replies: `${base}/replies`,
    acks: `${base}/acks`,
    slot: (slot) => `${base}/slots/${slot}`,
    sim: (iccid) => `${base}/sims/${iccid}`,
    event: (type) => `${base}/events/${type}`,
  };
}

/** A gateway's id: what fits in a topic level and in a host name. */
export const GATEWAY_ID = /^[a-z0-9-]{1,32}$/;

/** A host name made to fit a gateway's id: `Bank_7.example.org` becomes `bank-7`. */
export function gatewayIdFrom(hostname: string): string {
  const first = hostname.split('.')[0] ?? '';
  const fitted = first
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 32);
  return fitted === '' ? 'gateway' : fitted;
}

/** A slot's name becomes a topic level: `/`, `+`, `#` and control characters would change its meaning. */
export const SLOT_NAME = /^[^/+#\u0000-\u001f]{1,64}$/;

/** Which gateway and which kind of message a topic below `root` speaks of; null when it is none of ours. */
export function parseTopic(
  root: string,
  topic: string,
): { gateway: string; kind: string; rest: string } | null {
  if (!topic.startsWith(`${root}/`)) return null;
  const [gateway, kind, ...rest] = topic.slice(root.length + 1).split('/');
  if (gateway === undefined || kind === undefined || !GATEWAY_ID.test(gateway)) return null;
  return { gateway, kind, rest: rest.join('/') };
}
