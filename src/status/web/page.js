/** The page: takes what the connection reports and shows it; holds the search and the filter. Changes no bank. */
import { connect } from './connection.js';
import { byId, element, mark, say, show } from './rows.js';
import { slotTable } from './slots.js';
import { looseLines, messageLines, textTable } from './tables.js';
import * as words from './words.js';

/** @import { State } from './words.js' */

const LOOK = 'look';
const ALL = 'all';
const MEMORY = 'simbankd-view';

const top = byId('top');
const search = /** @type {HTMLInputElement} */ (byId('search'));
const tokenField = /** @type {HTMLInputElement} */ (byId('token'));
const slots = slotTable(byId('slots'));
const messages = textTable(byId('messages'), {
  time: 'Received',
  slot: 'Slot',
  number: 'Number',
  from: 'From',
  text: 'Text',
  parts: 'Parts',
});
const loose = textTable(byId('loose'), {
  iccid: 'ICCID',
  number: 'Number',
  operator: 'Operator',
  country: 'Country',
  time: 'Last put in',
});

/** @type {State | null} */
let state = null;
/** The gateway's clock less this browser's: ages are right on a machine whose clock is wrong. */
let skewMs = 0;
let lastAnswerAt = 0;
let filter = ALL;

// ---- filters -------------------------------------------------------------------------------------------------

const chips = new Map(
  [
    [ALL, 'All', 'every slot'],
    [LOOK, 'Needs a look', 'slots with a problem, or with a message store that is nearly full'],
    ...Object.entries(words.PHASES).map(([phase, { word, means }]) => [phase, word, means]),
  ].map(([name = '', word = '', means = '']) => {
    const count = element('b');
    const attributes = { type: 'button', 'data-phase': name, 'aria-pressed': 'false', title: means };
    const button = element('button', attributes, element('span', {}, word), ' ', count);
    button.addEventListener('click', () => {
      filter = filter === name ? ALL : name;
      changed();
    });
    return [name, { button, count }];
  }),
);
byId('phases').append(...[...chips.values()].map(({ button }) => button));
const shares = Object.keys(words.PHASES).map((phase) => element('i', { 'data-phase': phase }));
byId('share').append(...shares);

search.addEventListener('input', changed);
document.addEventListener('keydown', (event) => {
  const typing = event.target instanceof HTMLInputElement;
  if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    search.focus();
  } else if (event.key === 'Escape' && event.target === search) {
    search.value = '';
    changed();
  }
});

/** The search or the filter is another one: kept over a reload, and shown. */
function changed() {
  try {
    sessionStorage.setItem(MEMORY, JSON.stringify([filter, search.value]));
  } catch {
    // A browser that stores nothing forgets the search at a reload.
  }
  draw();
}

try {
  const [kept, text] = JSON.parse(sessionStorage.getItem(MEMORY) ?? '["all", ""]');
  filter = chips.has(kept) ? kept : ALL;
  search.value = String(text);
} catch {
  // Nothing kept.
}

// ---- what is shown -------------------------------------------------------------------------------------------

function draw() {
  if (state === null) return;
  const now = Date.now() + skewMs;
  const matches = words.matcher(search.value);
  const sims = new Map(state.sims.map((sim) => [sim.iccid, sim]));

  drawHeader(state, now);
  drawSlots(state, sims, matches, now);

  const lines = messageLines(state.messages, sims, matches, now);
  messages(lines);
  const anyLine = lines.some(([, { shown }]) => shown);
  const noLine = lines.length === 0 ? 'No message yet.' : 'None of the last messages fits the search.';
  note('messages-none', anyLine ? '' : noLine);
  show(byId('messages'), anyLine);

  const out = state.sims.filter(({ slot }) => slot === null);
  const rest = looseLines(out, matches, now);
  loose(rest.lines);
  say(byId('loose-found'), out.length === 0 ? '' : `${rest.found} of ${out.length}`);
  const noSim = out.length === 0 ? 'Every SIM that is known is in a slot.' : 'None of them fits the search.';
  const more = rest.found - rest.lines.length;
  note('loose-none', rest.found === 0 ? noSim : more > 0 ? `And ${more} more: search to find one.` : '');
  show(byId('loose'), rest.found > 0);
}

/**
 * @param {State} shown
 * @param {number} now
 */
function drawHeader(shown, now) {
  const ready = shown.slots.filter(({ phase }) => phase === 'ready').length;
  const look = shown.slots.filter(words.needsLook).length;
  document.title = `${ready}/${shown.slots.length} ready · ${shown.gateway}`;
  say(byId('gateway'), shown.gateway);
  say(
    byId('program'),
    `simbankd ${shown.version}, running for ${words.longSpan(now - Date.parse(shown.startedAt))}`,
  );
  say(byId('ready'), `${ready} of ${shown.slots.length}`);
  say(
    byId('ready-note'),
    look === 0 ? 'nothing needs a look' : `${look} need${look === 1 ? 's' : ''} a look`,
  );
  mark(byId('ready-note'), 'data-tone', look === 0 ? null : 'warn');

  const { problem } = shown;
  show(byId('problem'), problem !== null);
  say(byId('problem-words'), problem === null ? '' : `${problem.message}.`);
  say(byId('problem-since'), problem === null ? '' : `Like this ${words.since(problem, now)}.`);

  const last = shown.messages[0];
  say(byId('last'), last === undefined ? '–' : `${words.span(now - Date.parse(last.receivedAt))} ago`);
  say(byId('last-note'), last === undefined ? 'none yet' : `in slot ${last.slot}`);

  const { uplink } = shown;
  say(byId('waiting'), String(uplink.waiting));
  say(byId('waiting-note'), words.waitingWords(uplink));
  const told = words.uplinkWords(uplink, now);
  say(byId('uplink-state'), told.state);
  say(byId('uplink-note'), told.note);
  mark(byId('uplink'), 'data-tone', told.good ? 'good' : 'bad');
  mark(byId('uplink-note'), 'title', told.note);
}

/**
 * @param {State} shown
 * @param {Map<string, import('../../protocol/state.ts').SimState>} sims
 * @param {ReturnType<typeof words.matcher>} matches
 * @param {number} now
 */
function drawSlots(shown, sims, matches, now) {
  /** @type {Map<string, number>} */
  const counts = new Map([[ALL, shown.slots.length]]);
  /** @type {Map<string | null, number>} */
  const imeis = new Map();
  for (const slot of shown.slots) {
    counts.set(slot.phase, (counts.get(slot.phase) ?? 0) + 1);
    if (words.needsLook(slot)) counts.set(LOOK, (counts.get(LOOK) ?? 0) + 1);
    imeis.set(slot.imei, (imeis.get(slot.imei) ?? 0) + 1);
  }
  for (const [name, { button, count }] of chips) {
    const number = counts.get(name) ?? 0;
    say(count, String(number));
    mark(button, 'aria-pressed', String(filter === name));
    mark(button, 'data-none', number === 0 ? '' : null);
  }
  for (const share of shares) {
    const number = counts.get(share.dataset.phase ?? '') ?? 0;
    share.style.flexGrow = String(number);
    show(share, number > 0);
  }

  const places = shown.slots.map((slot) => {
    const sim = slot.iccid === null ? undefined : sims.get(slot.iccid);
    const wanted = filter === ALL || slot.phase === filter || (filter === LOOK && words.needsLook(slot));
    const word = words.PHASES[slot.phase]?.word ?? '';
    const texts = [slot.slot, slot.port, slot.iccid, slot.imei, sim?.imsi ?? null, sim?.msisdn ?? null, word];
    const more = [slot.operator, slot.rat, slot.manufacturer, slot.model, slot.problem?.message ?? null];
    const sameImei = slot.imei === null ? 0 : (imeis.get(slot.imei) ?? 1) - 1;
    return { slot, sim, sameImei, shown: wanted && matches(...texts, ...more), now };
  });
  slots.show(places);
  const found = places.filter((place) => place.shown).length;
  const total = shown.slots.length;
  say(byId('slots-found'), found === total ? words.counted(total, 'slot') : `${found} of ${total} shown`);
  const nothing =
    total === 0 ? 'No port yet: gateway.ports in the configuration names them.' : 'No slot fits.';
  note('slots-none', found === 0 ? nothing : '');
}

/**
 * @param {string} id
 * @param {string} text
 */
function note(id, text) {
  say(byId(id), text);
  show(byId(id), text !== '');
}

/** @param {'state' | 'sign-in' | 'nothing'} part */
function turnTo(part) {
  for (const node of document.querySelectorAll('[data-with="state"]')) {
    if (node instanceof HTMLElement) show(node, part === 'state');
  }
  show(byId('sign-in'), part === 'sign-in');
  if (part !== 'state') show(byId('problem'), false);
}

// ---- the connection ------------------------------------------------------------------------------------------

const connection = connect({
  state(next) {
    // The gateway was updated under an open page: take its page too.
    if (state !== null && state.version !== next.version) location.reload();
    state = next;
    lastAnswerAt = Date.now();
    skewMs = Date.parse(next.time) - lastAnswerAt;
    mark(top, 'data-state', 'live');
    say(byId('live'), 'Live');
    say(byId('live-note'), `as of ${words.clock(new Date().toISOString(), lastAnswerAt)}`);
    show(byId('forget'), connection.hasToken);
    turnTo('state');
    draw();
  },
  silence(why) {
    mark(top, 'data-state', 'silent');
    say(byId('live'), why === '' ? 'The gateway does not answer.' : `The gateway has trouble: ${why}.`);
    document.title = `No answer · ${state?.gateway ?? 'simbankd'}`;
    if (state === null) {
      say(byId('live-note'), 'Asked again every 2 seconds.');
      turnTo('nothing');
      return;
    }
    const since = words.clock(new Date(lastAnswerAt).toISOString(), Date.now());
    say(
      byId('live-note'),
      `Shown is what it said at ${since}, ${words.span(Date.now() - lastAnswerAt)} ago.`,
    );
    turnTo('state');
    draw();
    document.title = `No answer · ${state.gateway}`;
  },
  token(refused) {
    state = null;
    mark(top, 'data-state', 'asking');
    say(byId('live'), 'Not signed in');
    say(byId('live-note'), '');
    document.title = 'simbankd';
    say(byId('sign-in-fault'), refused ? 'This is not the token of this gateway.' : '');
    const plain = location.protocol === 'http:' && !/^(localhost|127\..*|\[::1\])$/.test(location.hostname);
    show(byId('sign-in-plain'), plain);
    turnTo('sign-in');
    tokenField.focus();
  },
});

byId('sign-in').addEventListener('submit', (event) => {
  event.preventDefault();
  connection.signIn(tokenField.value.trim());
  tokenField.value = '';
});
byId('forget').addEventListener('click', () => connection.signOut());
