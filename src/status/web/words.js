/** What the gateway's states are called when a person reads them. Knows no page. */

/** @import { MessageGlance, Phase, Problem, SimState, SlotState, UplinkView } from '../../protocol/state.ts' */

/**
 * What `/status.json` says.
 *
 * @typedef {object} State
 * @property {string} gateway
 * @property {string} version
 * @property {string} startedAt
 * @property {string} time
 * @property {Problem | null} problem
 * @property {UplinkView} uplink
 * @property {SlotState[]} slots
 * @property {SimState[]} sims
 * @property {MessageGlance[]} messages
 */

/**
 * Every phase, the best first: what it is called and what it means.
 *
 * @type {Record<Phase, { word: string, means: string }>}
 */
export const PHASES = {
  ready: { word: 'Ready', means: 'in the network, receives messages' },
  registering: { word: 'Registering', means: 'the SIM is read, the network has not let it in yet' },
  opening: { word: 'Opening', means: 'the port is being opened' },
  probing: { word: 'Probing', means: 'the port is open, the modem is being asked who it is' },
  'no-sim': { word: 'No SIM', means: 'the modem answers, its slot is empty' },
  locked: { word: 'Locked', means: 'the SIM asks for a PIN or PUK' },
  recovering: { word: 'Recovering', means: 'the modem stopped answering and is being brought back' },
  lost: { word: 'Lost', means: 'the port is not there or cannot be opened; tried again by itself' },
  ignored: { word: 'Ignored', means: 'left alone on purpose' },
};

/** What to try, by the code of the problem. */
const REMEDIES = /** @type {Record<string, string>} */ ({
  'port.missing': 'Is the modem plugged in, and does its hub have power?',
  'port.busy': 'Another program holds the port; on desktops and many servers that is ModemManager.',
  'port.denied': 'The user that runs simbankd may not open this port.',
  'at.unresponsive':
    'Something answers nothing here: a port that is not for AT commands, or a modem that hangs.',
  'network.denied': 'Ask the operator whether the SIM is active and allowed in this network and device.',
});

/** A store this full may refuse the next long message. */
const NEARLY_FULL = 0.8;

/**
 * @param {SlotState} slot
 * @returns {number | null} How full the fullest store is, 0 to 1.
 */
export function fill({ storage }) {
  const parts = storage.filter(({ total }) => total > 0).map(({ used, total }) => used / total);
  return parts.length === 0 ? null : Math.max(...parts);
}

/**
 * @param {SlotState} slot
 * @returns {'' | 'nearly full' | 'full'}
 */
export function fillWarning(slot) {
  const part = fill(slot) ?? 0;
  return part >= 1 ? 'full' : part >= NEARLY_FULL ? 'nearly full' : '';
}

/** @param {SlotState} slot */
export function remedy(slot) {
  const known = slot.problem === null ? undefined : REMEDIES[slot.problem.code];
  if (known !== undefined || fillWarning(slot) === '') return known ?? '';
  return 'A full store takes no further message. What was read is deleted by itself: something keeps it here.';
}

/**
 * @param {Readonly<Record<string, number>> | undefined} counts
 * @returns {string} What happened at all, and how often.
 */
export function times(counts = {}) {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  return some.map(([name, count]) => `${name} ${count}×`).join(', ');
}

/**
 * Whether somebody should look at a slot. An empty one is no trouble: banks have empty slots.
 *
 * @param {SlotState} slot
 */
export function needsLook(slot) {
  return (slot.problem !== null && slot.problem.code !== 'sim.absent') || fillWarning(slot) !== '';
}

/**
 * @param {SlotState} slot
 * @returns {[operator: string, technology: string]}
 */
export function network({ operator, rat, registration }) {
  if (operator === null) return [WAITING_FOR_NETWORK[registration] ?? '', ''];
  return [operator, [rat, registration.startsWith('roaming') ? 'roaming' : ''].filter(Boolean).join(', ')];
}

const WAITING_FOR_NETWORK = /** @type {Record<string, string>} */ ({
  searching: 'searching',
  denied: 'refused',
  'not-searching': 'not searching',
});

/**
 * @param {number} dbm
 * @returns {{ level: number, word: string }}
 */
export function strength(dbm) {
  if (dbm >= -73) return { level: 4, word: 'very good' };
  if (dbm >= -83) return { level: 3, word: 'good' };
  if (dbm >= -93) return { level: 2, word: 'fair' };
  if (dbm >= -103) return { level: 1, word: 'weak' };
  return { level: 0, word: 'very weak' };
}

/**
 * @param {Problem} problem
 * @param {number} now
 */
export function since({ since: from }, now) {
  return `for ${span(now - Date.parse(from))}`;
}

/**
 * @param {UplinkView} uplink
 * @param {number} now
 */
export function uplinkWords({ connected, broker, protocol, problem }, now) {
  const state = connected ? 'Connected' : 'Not connected';
  if (problem !== null) return { state, note: `${problem.message}, ${since(problem, now)}`, good: false };
  const version = protocol === null ? '' : `, MQTT ${protocol}`;
  return { state, note: connected ? `to ${broker}${version}` : `connecting to ${broker}`, good: connected };
}

/** @param {UplinkView} uplink */
export function waitingWords({ connected, waiting }) {
  if (waiting === 0) return 'all handed over';
  return connected ? 'sent, not confirmed yet' : 'safe on disk until there is a connection';
}

/**
 * A length of time, as exact as one wants it: `12 s`, `3 min`, `5 h`, `4 d`.
 *
 * @param {number} ms
 */
export function span(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 2 * 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** @param {number} ms */
export function longSpan(ms) {
  const minutes = Math.floor(Math.max(0, ms) / 60_000);
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24];
  if (days > 0) return `${days} d ${hours} h`;
  return hours > 0 ? `${hours} h ${minutes % 60} min` : minutes > 0 ? `${minutes} min` : span(ms);
}

/**
 * The time of day, with the day where that is not today's.
 *
 * @param {string} iso
 * @param {number} now
 */
export function clock(iso, now) {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  const two = (/** @type {number} */ value) => String(value).padStart(2, '0');
  const ofDay = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  if (time.toDateString() === new Date(now).toDateString()) return ofDay;
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${ofDay.slice(0, 5)}`;
}

/**
 * @param {number} count
 * @param {string} one
 */
export function counted(count, one) {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}

/**
 * A test for the words of a search: all of them, anywhere, in any case.
 *
 * @param {string} search
 * @returns {(...texts: (string | null)[]) => boolean}
 */
export function matcher(search) {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return (...texts) => {
    const text = texts.join('\n').toLowerCase();
    return words.every((word) => text.includes(word));
  };
}
