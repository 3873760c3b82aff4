/** The tables below the slots: what came last, and the SIMs that are known but in no slot. */
import { element, follow, giveHead, mark, say, show } from './rows.js';
import * as words from './words.js';

/** @import { MessageGlance, SimState } from '../../protocol/state.ts' */

/** @typedef {{ texts: readonly string[], shown: boolean, isNew: boolean }} Line */

/**
 * A table of plain texts: one row for each line.
 *
 * @param {HTMLElement} table
 * @param {Record<string, string>} columns Titles by class name; the first column heads its row.
 * @returns {(lines: readonly (readonly [key: string, line: Line])[]) => void}
 */
export function textTable(table, columns) {
  giveHead(
    table,
    Object.values(columns).map((title) => element('th', {}, title)),
  );
  const body = element('tbody', { role: 'rowgroup' });
  table.append(body);
  return follow(body, () => {
    const cells = Object.keys(columns).map((name, i) => {
      // A text may be written from right to left, or turn its direction: that stays inside its cell.
      const attributes = { class: name, dir: 'auto' };
      return i === 0
        ? element('th', { ...attributes, role: 'rowheader', scope: 'row' })
        : element('td', { ...attributes, role: 'cell' });
    });
    const node = element('tr', { role: 'row' }, ...cells);
    return {
      node,
      update: (/** @type {Line} */ { texts, shown, isNew }) => {
        show(node, shown);
        mark(node, 'data-new', isNew ? '' : null);
        for (const [i, cell] of cells.entries()) {
          const text = texts[i] ?? '';
          say(cell, text);
          mark(cell, 'data-empty', text === '' ? '' : null);
        }
      },
    };
  });
}

/** How long a message stands out. */
const NEW_MS = 5000;

/**
 * @param {readonly MessageGlance[]} messages
 * @param {Map<string, SimState>} sims
 * @param {ReturnType<typeof words.matcher>} matches
 * @param {number} now
 * @returns {[key: string, line: Line][]}
 */
export function messageLines(messages, sims, matches, now) {
  /** @type {Map<string, number>} */
  const alike = new Map();
  return messages.map(({ receivedAt, slot, iccid, from, text, parts }) => {
    const number = (iccid === null ? null : sims.get(iccid)?.msisdn) ?? '';
    const key = [receivedAt, slot, iccid, from].join('\n');
    // Two messages of one moment from one sender are two rows.
    const count = alike.get(key) ?? 0;
    alike.set(key, count + 1);
    const { total, received } = parts;
    const part = `${received}/${total}${received < total ? ', waiting' : ''}`;
    const texts = [words.clock(receivedAt, now), slot, number, from || 'unknown', text, part];
    const isNew = now - Date.parse(receivedAt) < NEW_MS;
    return [`${key}\n${count}`, { texts, shown: matches(slot, iccid, number, from, text), isNew }];
  });
}

/** More rows than anybody reads; the search goes over all. */
const MOST = 100;

/**
 * @param {readonly SimState[]} loose
 * @param {ReturnType<typeof words.matcher>} matches
 * @param {number} now
 */
export function looseLines(loose, matches, now) {
  const found = loose.filter(({ iccid, imsi, msisdn, operator, countryIso }) =>
    matches(iccid, imsi, msisdn, operator, countryIso),
  );
  const lines = found.slice(0, MOST).map((sim) => {
    // A card that was never read is known from the operator's list only.
    const put = sim.imsi === null ? 'never, only listed' : words.clock(sim.insertedAt, now);
    const texts = [sim.iccid, sim.msisdn ?? '', sim.operator ?? '', sim.countryIso ?? '', put];
    return /** @type {[string, Line]} */ ([sim.iccid, { texts, shown: true, isNew: false }]);
  });
  return { lines, found: found.length };
}
