// Ends what a fleet has started when that is gone without having ended it: after a SIGKILL nobody else could. Hears of
// every process group and folder on its standard input, which closes with the fleet, however that ends.
import { rmSync } from "node:fs";
import { createInterface } from "node:readline";

/** Milliseconds that processes have for what they are at. */
const GRACE_MS = 5000;

const groups = new Set();
const folders = new Set();
for await (const line of createInterface({ input: process.stdin })) {
  const [word, what] = JSON.parse(line);
  if (word === "started") groups.add(what);
  if (word === "ended") groups.delete(what);
  if (word === "made") folders.add(what);
  if (word === "removed") folders.delete(what);
}

signal("SIGTERM");
const last = Date.now() + GRACE_MS;
while (groups.size > 0 && Date.now() < last) {
  signal(0);
  await new Promise((resolve) => setTimeout(resolve, 50));
}
signal("SIGKILL");
for (const folder of folders) rmSync(folder, { recursive: true, force: true });

/** Sends it to every group that is left. */
function signal(which) {
  for (const group of groups) {
    try {
      process.kill(-group, which);
    } catch {
      groups.delete(group);
    }
  }
}
