// Packs what was built, so that the agent need not, and holds it to its budget.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { gzipSync } from "node:zlib";

const BUDGET = 150_000;
const web = new URL("../dist/web/", import.meta.url).pathname;
let total = 0;
for (const entry of readdirSync(web, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || entry.name.endsWith(".gz")) continue;
  const file = join(entry.parentPath ?? entry.path, entry.name);
  const plain = readFileSync(file);
  const packed = gzipSync(plain, { level: 9 });
  if (packed.length < plain.length) writeFileSync(`${file}.gz`, packed);
  const size = Math.min(packed.length, plain.length);
  total += size;
  console.log(`${relative(web, file).padEnd(40)} ${(size / 1000).toFixed(1).padStart(7)} kB`);
}
console.log(`${"dashboard, compressed".padEnd(40)} ${(total / 1000).toFixed(1).padStart(7)} kB of ${BUDGET / 1000} kB`);
if (total > BUDGET) process.exit(1);
