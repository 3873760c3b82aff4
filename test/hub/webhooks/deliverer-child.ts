/**
 * A deliverer in a process of its own, to be killed: `deliverer-child.ts DATABASE PORT [before-settle]`. With the last it ends
 * itself as by a kill when an attempt was answered and not yet noted.
 */
import { pino } from 'pino';
import { openStore } from '../../../src/hub/store/store.ts';
import { Deliverer } from '../../../src/hub/webhooks/deliverer.ts';

const [database = '', port = '', killAt] = process.argv.slice(2);
const store = await openStore({ database });
const verbs = new Proxy(store.verbs, {
  get(target, verb: keyof typeof store.verbs) {
    if (killAt === 'before-settle' && verb === 'settleDeliveries') process.kill(process.pid, 'SIGKILL');
    return target[verb];
  },
});
const deliverer = new Deliverer({
  store: { verbs, reads: store.reads },
  log: pino({ level: 'silent' }),
  policy: { allowHttp: true, allowPrivate: true, ports: [Number(port)] },
  timing: { pollMs: 100, leaseMs: 1_500 },
});
deliverer.start();
process.stdout.write('ready\n');
