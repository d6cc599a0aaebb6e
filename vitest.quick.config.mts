import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig, mergeConfig } from "vitest/config";
import all from "./vitest.config.mjs";

/** How a test that starts Terraform, the simulated clouds or another program is told from the rest: by what it loads. */
const STARTS_PROGRAMS =
  /\/(?:adopted-project|plan-stack|real-programs|promtool|fleet-project|rehearsal-project|deployed-agents)"|\b(?:spawn|execFile)(?:Sync)?\b/;

const slow = readdirSync("test", { recursive: true, encoding: "utf8" })
  .map((file) => join("test", file))
  .filter((file) => file.endsWith(".test.ts") && STARTS_PROGRAMS.test(readFileSync(file, "utf8")));

/** `npm run test:quick`: what says within two minutes whether a change is right so far. CI runs everything. */
export default mergeConfig(
  all,
  defineConfig({ test: { exclude: [...slow, "test/rehearsal/**", "test/**/agreement.test.ts"] } }),
);
