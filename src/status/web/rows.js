/**
 * Changes the page in place: what stays the same is not touched, so nothing flickers and a selection survives.
 *
 * Every text goes in as text. There is no way to put markup in, here or elsewhere: the content-security policy forbids
 * it too.
 */

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const node = document.getElementById(id);
  if (node === null) throw new Error(`the page has no #${id}`);
  return node;
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string>} [attributes]
 * @param {(Node | string)[]} content
 * @returns {HTMLElementTagNameMap[K]}
 */
export function element(tag, attributes = {}, ...content) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...content);
  return node;
}

/**
 * @param {Element} node
 * @param {string} text
 */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Sets an attribute; null takes it away.
 *
 * @param {Element} node
 * @param {string} name
 * @param {string | null} value
 */
export function mark(node, name, value) {
  if (node.getAttribute(name) === value) return;
  if (value === null) node.removeAttribute(name);
  else node.setAttribute(name, value);
}

/**
 * @param {HTMLElement} node
 * @param {boolean} shown
 */
export function show(node, shown) {
  if (node.hidden === shown) node.hidden = !shown;
}

/**
 * Gives a table its head. The roles say what the elements say already; they have to be said where the narrow layout
 * takes the table apart, for a screen reader would no longer hear of one.
 *
 * @param {Element} table
 * @param {readonly HTMLElement[]} heads
 */
export function giveHead(table, heads) {
  mark(table, 'role', 'table');
  for (const head of heads) {
    mark(head, 'role', 'columnheader');
    mark(head, 'scope', 'col');
  }
  table.append(element('thead', { role: 'rowgroup' }, element('tr', { role: 'row' }, ...heads)));
}

/**
 * A list of nodes that follows a list of items: made once for each key, updated, moved only when out of place.
 *
 * @template T
 * @param {Element} parent
 * @param {(key: string) => { node: HTMLElement, update: (item: T) => void }} make
 * @returns {(items: readonly (readonly [key: string, item: T])[]) => void}
 */
export function follow(parent, make) {
  /** @type {Map<string, ReturnType<typeof make>>} */
  const rows = new Map();
  const before = parent.lastElementChild;
  return (items) => {
    const wanted = new Set(items.map(([key]) => key));
    for (const [key, { node }] of rows) {
      if (wanted.has(key)) continue;
      node.remove();
      rows.delete(key);
    }
    let previous = before;
    for (const [key, item] of items) {
      let row = rows.get(key);
      if (row === undefined) {
        row = make(key);
        rows.set(key, row);
      }
      row.update(item);
      const place = previous === null ? parent.firstElementChild : previous.nextElementSibling;
      if (place !== row.node) parent.insertBefore(row.node, place);
      previous = row.node;
    }
  };
}
