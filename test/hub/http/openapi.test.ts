import { execFile, execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openapiText } from '../../../docs/make-openapi.ts';
import { Config } from '../../../src/config.ts';
import { SAMPLES } from '../../../src/hub/http/samples.ts';
import { type Hub, startHub } from '../../../src/hub/hub.ts';
import { newWebhookSecret } from '../../../src/hub/secrets.ts';
import { meisimSignature, standardHeaders } from '../../../src/hub/webhooks/signature.ts';
import { createLog } from '../../../src/log.ts';
import { needs } from '../../programs.ts';
import { temporaryDir } from '../../temporary.ts';
import { scratch } from '../events.ts';
import { Customer } from './customer.ts';
import { type Market, startMarket } from './market.ts';

const ROOT = join(import.meta.dirname, '../../..');
const committed = readFileSync(join(ROOT, 'docs/openapi.json'), 'utf8');

describe('the description of the API', () => {
  it('B-30 S-17: docs/openapi.json is what the routes say: if this fails, run npm run docs', async () => {
    expect(committed).toBe(await openapiText());
  });

  it('is OpenAPI 3.1 to a linter', async () => {
    const redocly = join(ROOT, 'node_modules/@redocly/cli/bin/cli.js');
    const args = [redocly, 'lint', '--format=json', join(ROOT, 'docs/openapi.json')];
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      cwd: temporaryDir(),
      env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
      maxBuffer: 10_000_000,
    });
    const report = JSON.parse(stdout.slice(stdout.indexOf('{')));
    expect(report.problems).toEqual([]);
    expect(report.totals).toMatchObject({ errors: 0, warnings: 0 });
  });

  it('names every operation, and describes every problem', () => {
    const { openapi, paths, webhooks } = JSON.parse(committed);
    expect(openapi).toBe('3.1.0');
    expect(Object.keys(webhooks)).toEqual(['number.message', 'event']);
    const ids = new Set<string>();
    for (const methods of Object.values(paths) as Record<
      string,
      { operationId: string; responses: object }
    >[]) {
      for (const { operationId, responses } of Object.values(methods)) {
        expect(Object.keys(responses)).toEqual(expect.arrayContaining(['4XX', '5XX']));
        expect(ids).not.toContain(operationId);
        ids.add(operationId);
      }
    }
    expect(ids.size).toBeGreaterThan(30);
  });

  it('says of every answer what it is, and nothing that only a program could mean', () => {
    for (const noise of ['Default Response', String(Number.MAX_SAFE_INTEGER)]) {
      expect(committed).not.toContain(noise);
    }
  });
});

describe.skipIf(!needs('mosquitto'))('the bodies that the page fills in', () => {
  let market: Market;
  let customer: Customer;
  beforeAll(async () => {
    market = await startMarket({ sims: 3 });
    const { id } = await market.account();
    customer = new Customer(market.hub.url, await market.key(id, { scopes: ['read', 'buy', 'admin'] }));
  });
  afterAll(() => market?.close());

  type Schema = { $ref?: string; example?: object };
  type Media = { schema: Schema; example?: object };
  const { paths, components } = JSON.parse(committed) as {
    paths: Record<string, Record<string, { requestBody?: { content: Record<string, Media> } }>>;
    components: { schemas: Record<string, Schema> };
  };
  const bodies = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { requestBody }]) => {
      const { schema, example } = requestBody?.content['application/json'] ?? { schema: {} };
      const named = components.schemas[schema.$ref?.split('/').at(-1) ?? ''];
      const body = example ?? schema.example ?? named?.example;
      return requestBody === undefined ? [] : [{ method, path, body }];
    }),
  );

  it.each(bodies)('$method $path takes its own', async ({ method, path, body }) => {
    expect(body).toBeTypeOf('object');
    const answer = await customer.ask(method.toUpperCase(), path.replace('{id}', 'none'), { body });
    // There is no such thing to change, or its name cannot be looked up here: its members are all as they should be.
    const isMade = !path.includes('{id}') && !JSON.stringify(body).includes('example.com');
    expect(answer.body.code).toBeOneOf(
      isMade ? [undefined] : [undefined, 'WEBHOOK_URL_REFUSED', expect.stringMatching(/_NOT_FOUND$/)],
    );
  });
});

describe('the page', () => {
  const folder = scratch();
  let hub: Hub;
  beforeAll(async () => {
    const config = Config.parse({
      mqtt: { url: 'mqtt://127.0.0.1:9' },
      hub: { listen: '127.0.0.1:0', database: `sqlite:${join(folder.dir, 'hub.db')}` },
    });
    hub = await startHub({ config, log: createLog('silent') });
  });
  afterAll(async () => {
    await hub.stop();
    folder.remove();
  });

  it('M-32: /docs shows the API, runs requests, and has samples in four languages', async () => {
    const page = await fetch(`${hub.url}/docs`);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    const shown = await fetch(`${hub.url}/docs/json`);
    const described = (await shown.json()) as { tags: { name: string; description: string }[] };
    expect(described).toEqual(JSON.parse(committed));
    const { description } = described.tags.find(({ name }) => name === 'Webhooks')!;
    for (const language of ['js', 'python', 'php', 'go'])
      expect(description).toContain(`\`\`\`${language}\n`);
    expect((await fetch(`${hub.url}/api/docs`)).url).toBe(`${hub.url}/docs`);
  });
});

describe('the samples', () => {
  const secret = newWebhookSecret();
  const body = '{"event":"sms.received","text":"Ваш код 4821"}';
  const { dir, remove } = scratch();
  afterAll(remove);
  /** What a good signature of now is, and what must not be taken. */
  const cases = () => {
    const seconds = Math.floor(Date.now() / 1_000);
    const signed = { id: 'evt_1', seconds, body, secrets: [newWebhookSecret(), secret] };
    const number = (more: object) => meisimSignature({ ...signed, ...more }, 't.body');
    const standard = (more: object) => standardHeaders({ ...signed, ...more });
    const wrong = [{ body: `${body} ` }, { seconds: seconds - 301 }, { secrets: [newWebhookSecret()] }];
    const bodyOnly = createHmac('sha256', secret).update(body).digest('hex');
    return {
      number: [number({}), ...wrong.map(number), `t=${seconds},v1=${bodyOnly}`, 'nonsense'],
      standard: [standard({}), ...wrong.map(standard)],
    };
  };
  const wanted = { number: [true, false, false, false, false, false], standard: [true, false, false, false] };

  it('in JavaScript takes what is signed, and nothing else', async () => {
    const file = join(dir, 'verify.mjs');
    writeFileSync(file, SAMPLES.JavaScript.text);
    const { verifyNumberWebhook, verifyWebhook } = await import(file);
    const { number, standard } = cases();
    expect(number.map((header) => verifyNumberWebhook(secret, header, body))).toEqual(wanted.number);
    expect(standard.map((headers) => verifyWebhook(secret, headers, body))).toEqual(wanted.standard);
  });

  const input = () => JSON.stringify({ secret, body, ...cases() });

  it.skipIf(!needs('python3'))('in Python, too', () => {
    const file = join(dir, 'verify.py');
    const main = `
import json, sys
given = json.load(sys.stdin)
secret, body = given["secret"], given["body"].encode()
print(json.dumps({
    "number": [verify_number_webhook(secret, header, body) for header in given["number"]],
    "standard": [verify_webhook(secret, headers, body) for headers in given["standard"]],
}))`;
    writeFileSync(file, SAMPLES.Python.text + main);
    expect(JSON.parse(execFileSync('python3', [file], { input: input(), encoding: 'utf8' }))).toEqual(wanted);
  });

  it.skipIf(!needs('php', 'php-cli'))('in PHP, too', () => {
    const file = join(dir, 'verify.php');
    const main = `
$given = json_decode(stream_get_contents(STDIN), true);
echo json_encode([
    'number' => array_map(fn($one) => verify_number_webhook($given['secret'], $one, $given['body']), $given['number']),
    'standard' => array_map(fn($one) => verify_webhook($given['secret'], $one, $given['body']), $given['standard']),
]);`;
    writeFileSync(file, SAMPLES.PHP.text + main);
    expect(JSON.parse(execFileSync('php', [file], { input: input(), encoding: 'utf8' }))).toEqual(wanted);
  });

  it.skipIf(!needs('go', 'golang-go'))(
    'in Go, too',
    () => {
      const main = `package main

import (
	"encoding/json"
	"example.org/receiver/webhooks"
	"net/http"
	"os"
	"time"
)

func main() {
	var given struct {
		Secret, Body string
		Number       []string
		Standard     []map[string]string
	}
	if err := json.NewDecoder(os.Stdin).Decode(&given); err != nil {
		panic(err)
	}
	said := map[string][]bool{}
	body, tolerance := []byte(given.Body), 5*time.Minute
	for _, header := range given.Number {
		said["number"] = append(said["number"], webhooks.VerifyNumberWebhook(given.Secret, header, body, tolerance))
	}
	for _, each := range given.Standard {
		headers := http.Header{}
		for name, value := range each {
			headers.Set(name, value)
		}
		said["standard"] = append(said["standard"], webhooks.VerifyWebhook(given.Secret, headers, body, tolerance))
	}
	json.NewEncoder(os.Stdout).Encode(said)
}
`;
      mkdirSync(join(dir, 'webhooks'));
      writeFileSync(join(dir, 'go.mod'), 'module example.org/receiver\n\ngo 1.19\n');
      writeFileSync(join(dir, 'main.go'), main);
      writeFileSync(join(dir, 'webhooks', 'verify.go'), SAMPLES.Go.text);
      const env = { ...process.env, GOCACHE: join(dir, 'cache'), GOTOOLCHAIN: 'local' };
      const options = { cwd: dir, env, input: input(), encoding: 'utf8' } as const;
      expect(JSON.parse(execFileSync('go', ['run', '.'], options))).toEqual(wanted);
      expect(execFileSync('gofmt', { input: SAMPLES.Go.text, encoding: 'utf8' })).toBe(SAMPLES.Go.text);
    },
    120_000,
  );
});
