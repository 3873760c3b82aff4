/** Text in the character set that +CSCS chose (27.007 §5.5), as octets one character each. */
import { fromUcs2Hex, toSeptets, toUcs2Hex } from './alphabet.ts';
import type { Device } from './device.ts';

function write(device: Device, text: string): string {
  if (device.settings.cscs === 'UCS2') return toUcs2Hex(text);
  if (device.settings.cscs === 'GSM') {
    return [...text]
      .map((character) => String.fromCharCode(...(toSeptets(character)?.[0] ?? [0x3f])))
      .join('');
  }
  return text.replace(/[^\n\r\x20-\x7e]/gu, '?');
}

function read(device: Device, text: string): string {
  return device.settings.cscs === 'UCS2' ? fromUcs2Hex(text) : text;
}

export const inCharset = { write, read };
