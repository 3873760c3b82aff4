/** The table of slots: columns, order, one body of rows for each slot, and what is shown when one is opened. */
import { element, follow, giveHead, mark, say, show } from './rows.js';
import * as words from './words.js';

/** @import { SimState, SlotState } from '../../protocol/state.ts' */

/**
 * A slot with what belongs to it.
 *
 * @typedef {object} Place
 * @property {SlotState} slot
 * @property {SimState | undefined} sim
 * @property {number} sameImei How many other slots give the same IMEI.
 * @property {boolean} shown
 * @property {number} now
 */

/**
 * @typedef {object} Column
 * @property {string} name
 * @property {string} title
 * @property {(place: Place) => string | number | null} by What the column is ordered by; null comes last.
 * @property {boolean} [down] The first click brings the largest to the top.
 */

const PHASE_ORDER = Object.keys(words.PHASES);

/** @type {readonly Column[]} */
const COLUMNS = [
  { name: 'slot', title: 'Slot', by: ({ slot }) => slot.slot },
  { name: 'state', title: 'State', by: ({ slot }) => PHASE_ORDER.indexOf(slot.phase) },
  { name: 'sim', title: 'SIM', by: ({ slot, sim }) => sim?.msisdn ?? slot.iccid },
  { name: 'network', title: 'Network', by: ({ slot }) => words.network(slot).join(' ') || null },
  { name: 'signal', title: 'Signal', by: ({ slot }) => slot.signalDbm },
  { name: 'stores', title: 'Stored', by: ({ slot }) => words.fill(slot), down: true },
  { name: 'last', title: 'Last SMS', by: ({ slot }) => slot.lastReceivedAt, down: true },
  { name: 'restarts', title: 'Restarts', by: ({ slot }) => slot.restarts, down: true },
  { name: 'problem', title: 'Problem', by: ({ slot }) => slot.problem?.message ?? null },
];

const natural = new Intl.Collator('en', { numeric: true });

/** @param {HTMLElement} table */
export function slotTable(table) {
  let order = { column: /** @type {Column} */ (COLUMNS[0]), down: false };
  /** @type {readonly Place[]} */
  let places = [];
  const heads = COLUMNS.map((column) => {
    const button = element('button', { type: 'button' }, column.title);
    const head = element('th', { class: column.name }, button);
    button.addEventListener('click', () => {
      const down = order.column === column ? !order.down : column.down === true;
      order = { column, down };
      draw();
    });
    return { column, head };
  });
  giveHead(
    table,
    heads.map(({ head }) => head),
  );
  const update = follow(table, slotRows);

  function draw() {
    for (const { column, head } of heads) {
      const sorted = column === order.column ? (order.down ? 'descending' : 'ascending') : null;
      mark(head, 'aria-sort', sorted);
    }
    update([...places].sort(compare).map((place) => [place.slot.slot, place]));
  }

  /**
   * @param {Place} a
   * @param {Place} b
   */
  function compare(a, b) {
    const { by } = order.column;
    const [x, y] = [by(a), by(b)];
    const same = natural.compare(a.slot.slot, b.slot.slot);
    if (x === null || y === null) return Number(x === null) - Number(y === null) || same;
    const found = typeof x === 'number' ? x - Number(y) : natural.compare(x, String(y));
    return (order.down ? -found : found) || same;
  }

  return {
    /** @param {readonly Place[]} next */
    show(next) {
      places = next;
      draw();
    },
  };
}

/** @param {string} name The slot's. */
function slotRows(name) {
  const id = `slot-${encodeURIComponent(name)}`;
  const toggle = element('button', { type: 'button', 'aria-expanded': 'false', 'aria-controls': id }, name);
  const pill = element('span', { class: 'pill' });
  const since = element('span', { class: 'small' });
  const state = element('td', { role: 'cell', class: 'state' }, pill, since);
  const cells = COLUMNS.slice(2).map(({ name: column, title }) => {
    const first = element('span');
    const second = element('span', { class: 'small' });
    const node = element('td', { role: 'cell', class: column, 'data-title': title }, first, second);
    return { column, first, second, node };
  });
  const head = element('th', { role: 'rowheader', scope: 'row', class: 'slot' }, toggle);
  const row = element('tr', { role: 'row', class: 'glance' }, head, state, ...cells.map((cell) => cell.node));

  const list = element('dl');
  const cell = element('td', { role: 'cell', colspan: String(COLUMNS.length) }, list);
  const more = element('tr', { role: 'row', class: 'more', id }, cell);
  more.hidden = true;
  const details = detailList(list);
  const node = element('tbody', { role: 'rowgroup' }, row, more);
  /** @type {Place | null} */
  let last = null;

  row.addEventListener('click', (event) => {
    const byButton = event.target instanceof Node && toggle.contains(event.target);
    // Whoever marks a number to copy it does not want the row to open.
    if (!byButton && !(getSelection()?.isCollapsed ?? true)) return;
    show(more, more.hidden !== false);
    mark(toggle, 'aria-expanded', String(!more.hidden));
    if (last !== null) update(last);
  });

  /** @param {Place} place */
  function update(place) {
    last = place;
    show(node, place.shown);
    if (!place.shown) return;
    const { slot, now } = place;
    mark(pill, 'data-phase', slot.phase);
    say(pill, words.PHASES[slot.phase]?.word ?? slot.phase);
    // A ready slot's problem is about something else than its phase.
    say(since, slot.problem === null || slot.phase === 'ready' ? '' : words.since(slot.problem, now));
    const texts = glance(place);
    for (const { column, first, second, node: where } of cells) {
      const [one, two = ''] = texts[column] ?? [''];
      say(first, one);
      say(second, two);
      mark(where, 'data-empty', one + two === '' ? '' : null);
      if (column === 'signal') mark(where, 'data-level', signalLevel(slot));
      if (column === 'stores') mark(where, 'data-warn', words.fillWarning(slot) || null);
    }
    mark(node, 'data-look', words.needsLook(slot) ? '' : null);
    if (!more.hidden) details(place);
  }

  return { node, update };
}

/**
 * The texts of one row: what counts, and below it what explains it.
 *
 * @param {Place} place
 * @returns {Record<string, [string, string?]>}
 */
function glance({ slot, sim, now }) {
  const { signalDbm, lastReceivedAt, problem } = slot;
  const [fullest = '', ...others] = stores(slot);
  const [operator, technology] = words.network(slot);
  return {
    sim: [sim?.msisdn ?? (slot.iccid === null ? '' : 'no number'), slot.iccid ?? ''],
    network: [operator, technology],
    signal:
      signalDbm === null ? [''] : [`${signalDbm} dBm`.replace('-', '−'), words.strength(signalDbm).word],
    stores: [fullest, words.fillWarning(slot) || others.join(', ')],
    last: lastReceivedAt === null ? [''] : [`${words.span(now - Date.parse(lastReceivedAt))} ago`],
    restarts: [String(slot.restarts)],
    // The port is said in the details; here it would fill the place of what is the matter.
    problem: [problem?.message.replaceAll(slot.port, 'the port') ?? ''],
  };
}

/**
 * @param {SlotState} slot
 * @returns {string[]} What each store holds, the fullest first.
 */
function stores({ storage }) {
  const part = (/** @type {{ used: number, total: number }} */ { used, total }) => used / Math.max(total, 1);
  return [...storage]
    .sort((a, b) => part(b) - part(a))
    .map(({ name, used, total }) => `${name} ${used}/${total}`);
}

/** @param {SlotState} slot */
function signalLevel({ signalDbm }) {
  return signalDbm === null ? null : String(words.strength(signalDbm).level);
}

/** @param {HTMLElement} list */
function detailList(list) {
  const update = follow(list, (title) => {
    const value = element('dd');
    return {
      node: element('div', {}, element('dt', {}, title), value),
      update: (/** @type {string} */ text) => say(value, text),
    };
  });
  return (/** @type {Place} */ place) => update(details(place).filter(([, text]) => text !== ''));
}

/**
 * @param {Place} place
 * @returns {[title: string, text: string][]}
 */
function details({ slot, sim, sameImei, now }) {
  const { phase, problem } = slot;
  const sharing = sameImei === 0 ? '' : ` (shared with ${words.counted(sameImei, 'other slot')})`;
  const word = words.PHASES[phase];
  return [
    ['State', word === undefined ? phase : `${word.word}: ${word.means}`],
    ['Problem', problem === null ? '' : `${problem.message} (${problem.code}), ${words.since(problem, now)}`],
    ['What to try', words.remedy(slot)],
    ['Port', slot.port],
    ['Modem', [slot.manufacturer, slot.model, slot.firmware].filter(Boolean).join(' · ')],
    ['Driver', slot.driver ?? ''],
    ['IMEI', slot.imei === null ? '' : slot.imei + sharing],
    ['IMSI', sim?.imsi ?? ''],
    [
      'Number',
      sim?.msisdn == null ? '' : `${sim.msisdn}${sim.msisdnSource ? ` (from: ${sim.msisdnSource})` : ''}`,
    ],
    ['Country', sim?.countryIso ?? ''],
    ['SIM put in', sim === undefined ? '' : words.clock(sim.insertedAt, now)],
    ['Registration', slot.registration],
    ['Stored', stores(slot).join(', ')],
    ['Cures tried', words.times(slot.recoveries)],
    ['On the line', words.times(slot.line)],
    ['Notices unknown to the driver', words.times(slot.unknownUrcs)],
    [
      'Last SMS',
      slot.lastReceivedAt === null ? 'none since the gateway started' : words.clock(slot.lastReceivedAt, now),
    ],
  ];
}
