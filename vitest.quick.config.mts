import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig, mergeConfig } from "vitest/config";
import { startsPrograms } from "./test/support/starts-programs";
import all from "./vitest.config.mjs";

const slow = readdirSync("test", { recursive: true, encoding: "utf8" })
  .map((file) => join("test", file))
  .filter((file) => file.endsWith(".test.ts") && startsPrograms(readFileSync(file, "utf8")));

/**
 * `npm run test:quick`: what says within minutes whether a change is right so far. CI runs everything.
 *
 * Its files share what they load, cdktf and the bindings above all, which takes half of their time when each of them has a
 * process of its own: only in CI does every file begin with nothing.
 */
export default mergeConfig(
  all,
  defineConfig({
    test: { exclude: [...slow, "test/rehearsal/**", "test/**/agreement.test.ts"], isolate: false },
  }),
);
