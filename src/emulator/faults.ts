/**
 * What can be made to go wrong with one modem. Everything is off: the device works until one switch is turned.
 *
 * A fault that needs more than a switch is an `onCommand`: it sees each command line first.
 */
export class Faults {
  /** A string is sent instead of the device's own answer: as it is when it holds a CR, else its lines are framed; '' is silence. */
  onCommand: ((line: string) => string | undefined) | null = null;
  /** Answers for exact command lines, as `onCommand` gives them; for the control socket. */
  readonly answers = new Map<string, string>();
  /** Reads and says nothing. */
  hang = false;
  /** So many of the next URCs are lost. */
  dropUrcs = 0;
  /** The next command is carried out at once and answered so much later. */
  lateMs = 0;
  /** Every command is carried out and answered so much later. */
  latencyMs: number;
  readonly #usualLatencyMs: number;

  constructor(latencyMs = 0) {
    this.latencyMs = latencyMs;
    this.#usualLatencyMs = latencyMs;
  }

  /** A working device again. */
  clear(): void {
    this.onCommand = null;
    this.answers.clear();
    this.hang = false;
    this.dropUrcs = 0;
    this.lateMs = 0;
    this.latencyMs = this.#usualLatencyMs;
  }

  /** The answer that replaces the device's own, if one does. */
  override(line: string): string | undefined {
    return this.onCommand?.(line) ?? (this.answers.size === 0 ? undefined : this.answers.get(line));
  }
}
