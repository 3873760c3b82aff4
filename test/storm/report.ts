/** A storm in figures, for people. */
import type { Recovery } from './life.ts';
import type { StormReport } from './suite.ts';

export function linesOf(report: StormReport): string[] {
  const { recoveries, figures, latencies } = report;
  const alone = Map.groupBy(recoveries, ({ kinds }) =>
    kinds.length === 1 ? kinds[0]! : '(several at once)',
  );
  const troubles = recoveries.reduce((sum, { kinds }) => sum + kinds.length, 0);
  return [
    '',
    'seconds until a modem is well again (ready, a new message arrived, card empty), p50 / p95 / max:',
    `  since it ended    by the clock of the wall: the trouble is over, or the gateway has cured it`,
    `  since in reach    the modem has booted, and a treatment under way (10 s off the air, a reset, power) is over`,
    `  since known       the last command that the trouble swallowed has had its deadline: nobody can know before`,
    '',
    `${'trouble'.padEnd(42)} ${'times'.padStart(5)} ${'cured'.padStart(5)}  ${['since it ended', 'since in reach', 'since known'].map((head) => head.padEnd(20)).join(' ')}`,
    ...[...alone].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, all]) => row(kind, all)),
    row('all', recoveries),
    '',
    `${troubles} troubles in ${recoveries.length} episodes; the broker was killed ${report.brokerKills} times`,
    `${report.sent} messages sent: ${report.lost} lost, ${report.doubled} twice, ${report.doubtful} of a card that is in doubt`,
    `${report.events} events, ${report.again} of them told again after the broker was gone`,
    `to modems in no trouble: ${latencies.length} messages, ${quantile(latencies, 0.5).toFixed(0)} / ${quantile(latencies, 0.99).toFixed(0)} ms from the network to the subscriber, p50 / p99`,
    `rungs taken: ${Object.entries(report.rungs)
      .map(([rung, times]) => `${rung} ${times}`)
      .join(', ')}`,
    `the gateway: ${report.cpuSeconds.toFixed(1)} s of processor time, ${figures.before.rss.toFixed(0)} → ${figures.after.rss.toFixed(0)} MB RSS, ${total(figures.before.descriptors)} → ${total(figures.after.descriptors)} descriptors, ${figures.before.threads} → ${figures.after.threads} threads`,
  ];
}

function row(kind: string, all: readonly Recovery[]): string {
  const column = (clock: 'ended' | 'reachable' | 'known'): string => {
    const seconds = all.map((one) => (one[clock] ?? Number.POSITIVE_INFINITY) / 1_000);
    return [0.5, 0.95, 1].map((q) => quantile(seconds, q).toFixed(1).padStart(5)).join(' /');
  };
  const cured = all.filter((one) => one.cured).length;
  return `${kind.padEnd(42)} ${String(all.length).padStart(5)} ${String(cured || '').padStart(5)}  ${(['ended', 'reachable', 'known'] as const).map((clock) => column(clock).padEnd(20)).join(' ')}`;
}

function quantile(numbers: readonly number[], q: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
