/** Our mosquitto.conf and mosquitto.acl, installed as an operator does, in a folder of the test and with users for it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathOf } from '../programs.ts';

const CONFIG = join(import.meta.dirname, '../../config');
const USERS = ['host-a', 'host-b', 'hub', 'operator', 'viewer'];

/** What mosquitto.conf leaves to Debian's own file, and asks others to add. */
export const ELSEWHERE = 'persistence_location $dir/';

export interface BrokerFiles {
  readonly folder: string;
  /** The lines of mosquitto.conf for `startMosquitto`, with its port for the first listener. */
  settings(edit?: (text: string) => string): string[];
  remove(): void;
}

export function passwordOf(user: string): string {
  return `secret of ${user}`;
}

export function installBrokerFiles(): BrokerFiles {
  const folder = mkdtempSync(join(tmpdir(), 'simbankd-broker-files-'));
  // "operator" and "viewer" in force as well, so that their lines are tried too.
  const acl = readFileSync(join(CONFIG, 'mosquitto.acl'), 'utf8').replace(/^#(?=user|topic)/gm, '');
  writeFileSync(join(folder, 'simbankd.acl'), acl, { mode: 0o600 });
  const passwords = join(folder, 'simbankd.passwd');
  writeFileSync(passwords, '', { mode: 0o600 });
  for (const user of USERS) {
    execFileSync(pathOf('mosquitto_passwd')!, ['-b', passwords, user, passwordOf(user)], { stdio: 'ignore' });
  }
  return {
    folder,
    settings(edit = (text) => text) {
      return edit(readFileSync(join(CONFIG, 'mosquitto.conf'), 'utf8'))
        .replace('listener 1883 127.0.0.1', 'listener $port 127.0.0.1')
        .replaceAll('/etc/mosquitto/', `${folder}/`)
        .split('\n');
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
