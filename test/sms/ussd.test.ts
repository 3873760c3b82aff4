import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUssd, encodeUssd } from '../../src/sms/ussd.ts';

const ucs2 = (text: string): string => Buffer.from(text, 'utf16le').swap16().toString('hex').toUpperCase();

describe('a USSD string', () => {
  // 23.038 §6.1.2.3: `*100#` is five septets in five octets.
  it('is packed as hex for families that want it so', () => {
    expect(encodeUssd('*100#', 'packed')).toBe('AA180C3602');
    expect(encodeUssd('*100#', 'charset')).toBe('*100#');
    expect(encodeUssd('你好', 'packed')).toBeNull();
  });

  it('comes back as it went, whatever its length', () => {
    const character = fc.constantFrom(...'abcXYZ019*#+ .,:?!€@$_é');
    fc.assert(
      fc.property(fc.array(character, { minLength: 1, maxLength: 180 }), (characters) => {
        const text = characters.join('').replace(/\r$/, '');
        const packed = encodeUssd(text, 'packed')!;
        expect(packed).toMatch(/^([0-9A-F]{2})+$/);
        // What reads as well the other way is decided by the scheme: 15 is the default alphabet.
        const septets = decodeUssd(packed, 15, 'packed');
        expect([text, `${text}@`]).toContain(septets);
      }),
    );
  });

  it.each([
    ['Balance: 5.00', 15, 'charset', 'Balance: 5.00'],
    ['a\u0000b\u0002', 15, 'charset', 'a@b$'],
    [Buffer.from('Guthaben: 5 €').toString('latin1'), 15, 'charset', 'Guthaben: 5 €'],
    [ucs2('Ваш баланс 5 руб.'), 72, 'charset', 'Ваш баланс 5 руб.'],
    [ucs2('Ваш баланс 5 руб.'), 72, 'packed', 'Ваш баланс 5 руб.'],
    // The scheme says the default alphabet, and it is UCS-2 all the same.
    [ucs2('Balance 5.00'), 15, 'charset', 'Balance 5.00'],
    [ucs2('您的余额为5元'), null, 'charset', '您的余额为5元'],
    // Digits are digits, not hex.
    ['12025550143', 15, 'charset', '12025550143'],
    ['1234', 15, 'charset', '1234'],
  ] as const)('%j with scheme %s of a %s family', (raw, dcs, coding, text) => {
    expect(decodeUssd(raw, dcs, coding)).toBe(text);
  });

  it('is unpacked, too, where a family that follows the character set does not', () => {
    expect(decodeUssd(encodeUssd('Balance: 5.00', 'packed')!, 15, 'charset')).toBe('Balance: 5.00');
  });

  it('is never lost, whatever the modem says', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }),
        fc.nat(255),
        fc.constantFrom('charset', 'packed'),
        (raw, dcs, coding) => {
          expect(decodeUssd(raw, dcs, coding as 'charset' | 'packed').length).toBeGreaterThan(0);
        },
      ),
    );
  });
});
