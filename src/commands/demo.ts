/** What the demo bank of `simbankd up` receives: invented messages, a few seconds apart. */
import type { EmulatedBank } from '../emulator/bank.ts';

const EVERY_MS = 3_000;

const SENDERS: readonly { readonly from: string; readonly text: (code: string) => string }[] = [
  { from: '72941', text: (code) => `Acme: ${code} is your code. Do not share it.` },
  {
    from: 'Northbank',
    text: (code) => `Northbank: confirm your sign-in with ${code}. Valid for 10 minutes.`,
  },
  { from: '+12025550143', text: () => 'Are you still coming tonight? 🎉' },
  {
    from: 'Paketdienst',
    text: (code) => `Ihr Paket ist da 📦 Abholcode: ${code}. Die Filiale hat bis 20 Uhr geöffnet.`,
  },
  { from: '40404', text: (code) => `【Acme】验证码：${code}，五分钟内有效。` },
  {
    from: 'Example',
    text: (code) =>
      `Welcome to Example! Your verification code is ${code}. This message is long on purpose: it does not fit in one ` +
      'short message, so the network sends it in two parts, and the gateway waits for both before it publishes one.',
  },
];

/** Delivers the first message at once, then one every few seconds, to the modems in turn. */
export function startDemo(bank: EmulatedBank): { stop(): void } {
  let turn = 0;
  const deliver = (): void => {
    const modem = bank.modems[turn % bank.modems.length];
    const { from, text } = SENDERS[turn % SENDERS.length]!;
    turn += 1;
    const code = String(100_000 + Math.floor(Math.random() * 900_000));
    modem?.deliverText({ from, text: text(code) });
  };
  deliver();
  const timer = setInterval(deliver, EVERY_MS);
  return { stop: () => clearInterval(timer) };
}
