/** The catalogue as it is shipped, and what is said of one that is wrong. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readCatalogue, slownessOf } from '../src/catalogue.ts';
import type { SimbankError } from '../src/errors.ts';
import { findCode } from '../src/sms/code.ts';
import { temporaryDir } from './temporary.ts';

const catalogue = readCatalogue();
/** A text of each service. */
const samples = readFileSync(join(import.meta.dirname, 'catalogue/samples.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as { service: string; text: string });
const fitting = (from: string, text: string | null) => catalogue.fitting(from, text).map(({ code }) => code);

describe('the shipped catalogue', () => {
  test('has the services that people ask for', () => {
    expect(catalogue.services.length).toBeGreaterThanOrEqual(170);
    const wanted =
      'cash-app venmo zelle paypal apple-pay google-pay wise revolut stripe coinbase kraken binance-us gemini robinhood tinder ' +
      'bumble hinge match onlyfans discord whatsapp-business telegram wechat rednote instagram tiktok facebook amazon-seller ebay ' +
      'etsy walmart-marketplace shopify mercari poshmark uber-driver lyft doordash instacart uber-eats grubhub chime mercury brex ' +
      'netflix hulu disney-plus peacock hbo-max paramount-plus proton naver apple snapchat kakaotalk baidu yandex whatsapp google uber';
    expect(wanted.split(' ').filter((slug) => catalogue.bySlug(slug) === undefined)).toEqual([]);
  });

  test('uses the codes of the SMS-Activate family, and longer ones for what has none there', () => {
    const known = {
      tg: 'telegram',
      wa: 'whatsapp',
      go: 'google',
      acz: 'claude',
      bnl: 'reddit',
      aol: 'paysera',
    };
    for (const [code, slug] of Object.entries(known)) expect(catalogue.byCode(code)?.slug).toBe(slug);
    const codes = catalogue.services.map(({ code }) => code);
    expect(codes.filter((code) => !/^[a-z]{2,16}$/.test(code))).toEqual([]);
    expect(catalogue.byCode('nothing')).toBeUndefined();
  });

  test('knows a text of each service, and takes it for no other', () => {
    expect(new Set(samples.map(({ service }) => service))).toEqual(
      new Set(catalogue.services.map(({ code }) => code)),
    );
    const got = samples.map(({ text }) => ({ text, services: fitting('+12025550143', text) }));
    expect(got).toEqual(samples.map(({ service, text }) => ({ text, services: [service] })));
    for (const { service, text } of samples) expect(catalogue.fits(service, '', text)).toBe(true);
  });

  test('its templates find the codes of their texts', () => {
    const templated = catalogue.services.filter(({ codes }) => codes.length > 0);
    expect(templated.length).toBeGreaterThan(4);
    for (const { code, codes } of templated) {
      const { text } = samples.find(({ service }) => service === code)!;
      // As finding it by the words does.
      expect(findCode(text, { patterns: codes })?.value).toBe(findCode(text)?.value);
    }
    const google = catalogue.byCode('go')!.codes;
    const text = 'G-190224 est votre code de validation Google. Ref 482915';
    expect(findCode(text, { patterns: google })).toEqual({
      value: '190224',
      raw: 'G-190224',
      confidence: 0.99,
    });
  });

  test.each([
    ['whole words', 'Kuber Eatsome code 1234, Uberlingen, pineapple, Telegrammatik', []],
    ['any case', 'your UBER code', ['ub']],
    ['an ending behind an apostrophe', "Getir'e giriş için kodun: 7712", ['ul']],
    ['a script without blanks', '您的Google驗證碼是123456', ['go']],
    ['full-width letters', 'Ｇｏｏｇｌｅ', ['go']],
    ['capitals where they count', 'a signal from the line of steam, band on the grab', []],
    ['the narrower of two', 'Your WhatsApp Business code', ['bye']],
    ['the one that the text names first', 'Venmo: code 1234 to pay Uber', ['yy', 'ub']],
  ])('fits %s', (_, text, services) => {
    expect(fitting('', text)).toEqual(services);
  });

  test.each([
    ['Google', ['go']],
    ['22000', ['go']],
    ['CASH APP', ['it']],
    ['VM-AMAZON-S', ['am']],
    ['AX-FLPKRT', ['xt']],
    ['Uber Eats', ['ubereats']],
    ['+12025550143', []],
    ['220001', []],
    ['UberX', []],
  ])('the sender %s', (from, services) => {
    expect(fitting(from, null)).toEqual(services);
    expect(fitting(from, 'Your code is 482915')).toEqual(services);
  });

  test('a sender says more than a text', () => {
    expect(fitting('Uber', 'WhatsApp code 123-456')).toEqual(['ub', 'wa']);
    expect(catalogue.fits(catalogue.byCode('wa')!, 'Uber', 'WhatsApp code')).toBe(true);
    expect(catalogue.fits('tg', 'Uber', 'WhatsApp code')).toBe(false);
    expect(catalogue.fits('nothing', 'Uber', 'WhatsApp code')).toBe(false);
  });

  test('the longest message takes no longer than its length allows', () => {
    const took = (text: string, times: number): number => {
      const runs = Array.from({ length: 3 }, () => {
        const before = process.cpuUsage();
        for (let time = 0; time < times; time++) catalogue.fitting('', text);
        return process.cpuUsage(before).user / 1000;
      });
      return Math.min(...runs);
    };
    // As much text in both: as long when linear, eight times as long when quadratic.
    for (const piece of ['uberuber', 'Google ', 'X ', '99 ', 'a', ' ', '微信']) {
      const text = piece.repeat(39_015 / piece.length);
      expect(took(text, 1)).toBeLessThan(4 * took(text.slice(0, text.length / 8), 8) + 20);
    }
  });
});

describe('a pattern', () => {
  test.each([
    'a*',
    'a+',
    'a{2,}',
    '(?:a|b)+',
    '(a?){20}',
    '(?:a{1,3}){2}',
    '(a)\\1',
    '(?<x>a)\\k<x>',
    '[^)]*',
    'a{0,99}b{0,99}c',
    '(?:a|a)'.repeat(20),
    '(?:a|ab){2}',
  ])('%s may take long', (source) => {
    expect(slownessOf(source)).not.toBeNull();
  });

  test.each([
    'uber',
    '\\d{6}',
    'a?b?',
    '(?:ab?c)?',
    '(?<![\\d-])(\\d{3}-\\d{3})(?!\\d)',
    '[*+?]{2}',
    '\\+\\*',
    'x{0,40}y',
    '\\p{L}{0,3}',
  ])('%s does not', (source) => {
    expect(slownessOf(source)).toBeNull();
  });
});

describe('a catalogue of your own', () => {
  function faultsOf(yaml: string): string {
    const path = join(temporaryDir(), 'services.yaml');
    writeFileSync(path, yaml);
    try {
      readCatalogue(path);
    } catch (error) {
      const { code, message } = error as SimbankError;
      expect(code).toBe('config.invalid');
      return message.replaceAll(path, 'services.yaml');
    }
    return '';
  }

  test('takes the place of the shipped one', () => {
    const path = join(temporaryDir(), 'services.yaml');
    writeFileSync(path, 'services:\n  - { code: acme, name: Acme, slug: acme, texts: [acme] }\n');
    const own = readCatalogue(path);
    expect(own.services).toHaveLength(1);
    expect(own.fitting('', 'ACME: 482915').map(({ slug }) => slug)).toEqual(['acme']);
    expect(own.byCode('tg')).toBeUndefined();
  });

  test('that is wrong is refused with every fault, its path and its line', () => {
    const faults = faultsOf(`services:
  - { code: tg, name: Telegram, slug: telegram, texts: [telegram] }
  - { code: tg, name: Other, slug: telegram, senders: ['(other'] }
  - { code: Wa!, name: '', slug: What_sApp, texts: ['a*', ''], codes: ['\\d{6}', '(\\d)(\\d)'] }
  - { code: ub, name: Uber, slug: uber }
  - { code: go, name: Google, slug: google, texts: [google], sender: [google] }
`);
    for (const fault of [
      'services.yaml:3: services[1].senders[0]: "(other" is not a regular expression',
      'services.yaml:4: services[2].code: a code is 1 to 16 of a-z, 0-9 and "_"',
      'services.yaml:4: services[2].slug: a slug is words of a-z and 0-9',
      'services.yaml:4: services[2].texts[0]: "a*" repeats without an upper bound',
      'services.yaml:4: services[2].texts[1]: "" fits a text of nothing',
      'services.yaml:4: services[2].codes[0]: "\\d{6}" has 0 groups',
      'services.yaml:4: services[2].codes[1]: "(\\d)(\\d)" has 2 groups',
      'services.yaml:5: services[3]: has neither senders nor texts',
      'services.yaml:6: services[4].sender: is not a known member',
    ]) {
      expect(faults).toContain(fault);
    }
  });

  test('names nothing twice', () => {
    const faults = faultsOf(`services:
  - { code: tg, name: Telegram, slug: telegram, texts: [telegram] }
  - { code: tg, name: Other, slug: telegram, texts: [other] }
`);
    expect(faults).toContain('services.yaml:3: services[1].code: "tg" is that of services[0] as well');
    expect(faults).toContain('services.yaml:3: services[1].slug: "telegram" is that of services[0] as well');
  });

  test('that is not there is one clear sentence', () => {
    expect(() => readCatalogue('/nowhere/services.yaml')).toThrow(/\/nowhere\/services.yaml: cannot be read/);
  });
});
