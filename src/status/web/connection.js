/**
 * Asks the gateway how it is, again and again, and tells the page: its state, that it does not answer, or that it
 * wants a token. Knows nothing of what is shown.
 */

/** @import { State } from './words.js' */

/**
 * @typedef {object} Reports
 * @property {(state: State) => void} state
 * @property {(why: string) => void} silence The gateway does not answer, or not with its state.
 * @property {(refused: boolean) => void} token A token is needed; `refused`: another one than what was given.
 */

const EVERY_MS = 2000;
const PATIENCE_MS = 5000;
const TOKEN = 'simbankd-token';

/** @param {Reports} reports */
export function connect(reports) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let asking = false;
  let token = remembered();

  async function ask() {
    if (asking) return;
    asking = true;
    clearTimeout(timer);
    try {
      if (!(await once())) return;
    } finally {
      asking = false;
    }
    // Nobody looks at a hidden tab: it asks again when it is shown.
    if (!document.hidden) timer = setTimeout(ask, EVERY_MS);
  }

  /** @returns {Promise<boolean>} Whether to ask again. */
  async function once() {
    const sent = token;
    let response;
    let body;
    try {
      response = await fetch('status.json', {
        cache: 'no-store',
        headers: sent === '' ? {} : { authorization: `Bearer ${sent}` },
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      body = await response.json().catch(() => null);
    } catch {
      reports.silence('');
      return true;
    }
    // Signed in or out while the answer was on its way: it answers a question that is over.
    if (token !== sent) return true;
    if (response.status === 401) {
      remember('');
      reports.token(sent !== '');
      return false;
    }
    if (response.ok && Array.isArray(body?.slots)) reports.state(body);
    else reports.silence(body?.error ?? `something else answers at this address (HTTP ${response.status})`);
    return true;
  }

  /** @param {string} value */
  function remember(value) {
    token = value;
    try {
      if (value === '') sessionStorage.removeItem(TOKEN);
      else sessionStorage.setItem(TOKEN, value);
    } catch {
      // A browser that stores nothing asks for the token after every reload.
    }
  }

  document.addEventListener('visibilitychange', () => {
    if (document.hidden) clearTimeout(timer);
    else void ask();
  });
  void ask();

  return {
    get hasToken() {
      return token !== '';
    },
    /** @param {string} value */
    signIn(value) {
      // What no header can carry is no token of ours.
      if (!/^[!-~]+$/.test(value)) return reports.token(true);
      remember(value);
      void ask();
    },
    signOut() {
      remember('');
      void ask();
    },
  };
}

function remembered() {
  try {
    return sessionStorage.getItem(TOKEN) ?? '';
  } catch {
    return '';
  }
}
