/** A client of server-sent events, as EventSource reads them: it keeps the last id, to come back with. */

export interface Told {
  readonly id: string;
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: what the test says it is.
  readonly data: any;
}

export class EventClient {
  readonly told: Told[] = [];
  /** Lines that only keep the connection alive. */
  beats = 0;
  lastId = '';
  readonly headers: Headers;
  readonly #abort: AbortController;
  /** Resolves when the stream has ended, by whichever side. */
  readonly ended: Promise<void>;

  private constructor(response: Response, abort: AbortController) {
    this.headers = response.headers;
    this.#abort = abort;
    this.ended = this.#read(response).catch(() => {});
  }

  static async open(
    url: string,
    key: string,
    options: { lastId?: string; query?: string } = {},
  ): Promise<EventClient> {
    const abort = new AbortController();
    const { lastId, query = '' } = options;
    const headers = { 'x-api-key': key, ...(lastId === undefined ? {} : { 'last-event-id': lastId }) };
    const response = await fetch(`${url}/v1/stream${query}`, { headers, signal: abort.signal });
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    return new EventClient(response, abort);
  }

  get types(): string[] {
    return this.told.map(({ type }) => type);
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await this.ended;
  }

  async #read(response: Response): Promise<void> {
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body!) {
      text += decoder.decode(chunk, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop()!;
      for (const block of blocks) this.#take(block);
    }
  }

  #take(block: string): void {
    if (block.startsWith(':')) this.beats += 1;
    const fields = new Map(
      block.split('\n').map((line) => {
        const at = line.indexOf(': ');
        return [line.slice(0, at), line.slice(at + 2)];
      }),
    );
    if (!fields.has('data')) return;
    this.lastId = fields.get('id')!;
    this.told.push({ id: this.lastId, type: fields.get('event')!, data: JSON.parse(fields.get('data')!) });
  }
}
