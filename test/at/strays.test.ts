import { describe, expect, it } from 'vitest';
import { Strays } from '../../src/at/strays.ts';

describe('lines that are nobody’s', () => {
  it('are kept by name and count only', () => {
    const strays = new Strays();
    for (const line of [
      '^RSSI: 17',
      '+C5GREG: 2,1,"1A2B"',
      '^RSSI: 19',
      '+49151234567: calls',
      'Your code: 123456',
      '$GPGGA,12',
      '*PSUTTZ: 2026,11,21',
      '+a name that is longer than anybody would give: 1',
    ])
      strays.note(line);
    expect(strays.list()).toEqual([
      { prefix: '^RSSI', count: 2 },
      { prefix: '+C?GREG', count: 1 },
      { prefix: '*PSUTTZ', count: 1 },
    ]);
  });

  it('are at most 32 names, of which noise goes first', () => {
    const strays = new Strays();
    for (let i = 0; i < 5; i++) strays.note('^MODE: 5');
    for (let i = 0; i < 1_000; i++) {
      const letters = String.fromCharCode(65 + (i % 26), 65 + ((i / 26) % 26), 65 + ((i / 676) % 26));
      strays.note(`+${letters}: x`);
    }
    expect(strays.list()).toHaveLength(32);
    expect(strays.list()[0]).toEqual({ prefix: '^MODE', count: 5 });
  });
});
