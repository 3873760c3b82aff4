// The last step of `npm run build`: files that the compiler does not copy.
import { cpSync, existsSync } from 'node:fs';

for (const folder of ['src/status/web']) {
  if (existsSync(folder)) cpSync(folder, `dist/${folder}`, { recursive: true });
}
