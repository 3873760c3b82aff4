/** How receivers verify webhooks, in four languages, as the documentation shows it. The tests run those they have a language for. */

const JAVASCRIPT = `import { createHmac, timingSafeEqual } from 'node:crypto';

// X-MeiSIM-Signature: t=<unix seconds>,v1=<hex>[,v1=<hex>]; the key is the secret as it stands.
export function verifyNumberWebhook(secret, header, rawBody, toleranceSeconds = 300) {
  const fields = header.split(',').map((field) => field.split('='));
  const time = fields.find(([name]) => name === 't')?.[1] ?? '';
  if (!(Math.abs(Date.now() / 1000 - Number(time)) <= toleranceSeconds)) return false;
  const wanted = createHmac('sha256', secret).update(time + '.' + rawBody).digest();
  return fields.some(([name, value]) => name === 'v1' && isEqual(wanted, Buffer.from(value ?? '', 'hex')));
}

// webhook-id, webhook-timestamp, webhook-signature; the key is what the base64 behind whsec_ stands for.
export function verifyWebhook(secret, headers, rawBody, toleranceSeconds = 300) {
  const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signatures } = headers;
  if (!(Math.abs(Date.now() / 1000 - Number(time)) <= toleranceSeconds)) return false;
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const wanted = createHmac('sha256', key).update(id + '.' + time + '.' + rawBody).digest();
  return signatures.split(' ').some((one) => isEqual(wanted, Buffer.from(one.replace('v1,', ''), 'base64')));
}

const isEqual = (a, b) => a.length === b.length && timingSafeEqual(a, b);
`;

const PYTHON = `import base64, hashlib, hmac, time

# X-MeiSIM-Signature: t=<unix seconds>,v1=<hex>[,v1=<hex>]; the key is the secret as it stands.
def verify_number_webhook(secret, header, raw_body, tolerance_seconds=300):
    fields = [field.partition("=")[::2] for field in header.split(",")]
    sent = dict(fields).get("t", "0")
    if not sent.isdigit() or abs(time.time() - int(sent)) > tolerance_seconds:
        return False
    wanted = hmac.new(secret.encode(), sent.encode() + b"." + raw_body, hashlib.sha256).hexdigest()
    return any(name == "v1" and hmac.compare_digest(wanted, value) for name, value in fields)

# webhook-id, webhook-timestamp, webhook-signature; the key is what the base64 behind whsec_ stands for.
def verify_webhook(secret, headers, raw_body, tolerance_seconds=300):
    sent = headers["webhook-timestamp"]
    if not sent.isdigit() or abs(time.time() - int(sent)) > tolerance_seconds:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{sent}.".encode() + raw_body
    wanted = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(wanted, one) for one in headers["webhook-signature"].split(" "))
`;

const PHP = `<?php
// X-MeiSIM-Signature: t=<unix seconds>,v1=<hex>[,v1=<hex>]; the key is the secret as it stands.
function verify_number_webhook(string $secret, string $header, string $rawBody, int $tolerance = 300): bool {
    $time = preg_match('/(?:^|,)t=(\\d+)/', $header, $match) ? $match[1] : '0';
    if (abs(time() - (int) $time) > $tolerance) return false;
    $wanted = hash_hmac('sha256', $time . '.' . $rawBody, $secret);
    preg_match_all('/,v1=([0-9a-f]{64})/', $header, $given);
    foreach ($given[1] as $value) if (hash_equals($wanted, $value)) return true;
    return false;
}

// webhook-id, webhook-timestamp, webhook-signature; the key is what the base64 behind whsec_ stands for.
function verify_webhook(string $secret, array $headers, string $rawBody, int $tolerance = 300): bool {
    $time = $headers['webhook-timestamp'];
    if (abs(time() - (int) $time) > $tolerance) return false;
    $key = base64_decode(substr($secret, strlen('whsec_')));
    $signed = $headers['webhook-id'] . '.' . $time . '.' . $rawBody;
    $wanted = 'v1,' . base64_encode(hash_hmac('sha256', $signed, $key, true));
    foreach (explode(' ', $headers['webhook-signature']) as $one) if (hash_equals($wanted, $one)) return true;
    return false;
}
`;

const GO = `package webhooks

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// VerifyNumberWebhook reads X-MeiSIM-Signature: t=<unix seconds>,v1=<hex>[,v1=<hex>]; the key is the secret as it stands.
func VerifyNumberWebhook(secret, header string, rawBody []byte, tolerance time.Duration) bool {
	var sent string
	var given []string
	for _, field := range strings.Split(header, ",") {
		name, value, _ := strings.Cut(field, "=")
		if name == "t" {
			sent = value
		} else if name == "v1" {
			given = append(given, value)
		}
	}
	wanted := sum([]byte(secret), sent+".", rawBody)
	for _, value := range given {
		found, err := hex.DecodeString(value)
		if err == nil && hmac.Equal(wanted, found) {
			return isRecent(sent, tolerance)
		}
	}
	return false
}

// VerifyWebhook reads webhook-id, webhook-timestamp and webhook-signature; the key is what the base64 behind whsec_ stands for.
func VerifyWebhook(secret string, headers http.Header, rawBody []byte, tolerance time.Duration) bool {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return false
	}
	sent := headers.Get("webhook-timestamp")
	wanted := sum(key, headers.Get("webhook-id")+"."+sent+".", rawBody)
	for _, one := range strings.Fields(headers.Get("webhook-signature")) {
		found, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(one, "v1,"))
		if err == nil && hmac.Equal(wanted, found) {
			return isRecent(sent, tolerance)
		}
	}
	return false
}

func sum(key []byte, head string, rawBody []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(head))
	mac.Write(rawBody)
	return mac.Sum(nil)
}

func isRecent(sent string, tolerance time.Duration) bool {
	seconds, err := strconv.ParseInt(sent, 10, 64)
	return err == nil && time.Since(time.Unix(seconds, 0)).Abs() <= tolerance
}
`;

export const SAMPLES = {
  JavaScript: { language: 'js', text: JAVASCRIPT },
  Python: { language: 'python', text: PYTHON },
  PHP: { language: 'php', text: PHP },
  Go: { language: 'go', text: GO },
} as const;
