import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import { afterAll, expect, test } from "vitest";
import type { Environment } from "../../src/environment/environment";
import { buildFleet } from "../../src/stacks/build-fleet";
import { aksEnvironment } from "../support/kubernetes-fleet";
import { definitions } from "../support/sample-fleet";

const root = mkdtempSync(join(tmpdir(), "warnings-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** What cdktf and `npm run synth` say of the stacks that they wrote, by stack. */
async function saidOf(environment: Environment) {
  const app = new App({ outdir: mkdtempSync(join(root, "out-")), context: { rehearsal: true } });
  await buildFleet(app, { agents: definitions, environments: [environment], today: "2026-11-21" });
  app.synth();
  const { stacks } = JSON.parse(readFileSync(join(app.outdir, "manifest.json"), "utf8"));
  return Object.fromEntries(
    Object.entries(stacks as Record<string, { annotations: { level: string; message: string }[] }>).map(
      ([stack, { annotations }]) => [stack, annotations.map(({ level, message }) => `${level} ${message}`)],
    ),
  );
}

test("who is open is said once, on the environment's own stack, and not again on its cluster's", async () => {
  expect(await saidOf(aksEnvironment)).toEqual({
    test: [
      expect.stringMatching(
        /^@cdktf\/warn environment 'test': whoever reaches desk-globex \(internet\) may call/,
      ),
    ],
    "test-cluster": [],
  });
  const known = {
    kind: "existing",
    issuer: "https://login.acme.example",
    jwksUrl: "https://login.acme.example/keys",
  } as const;
  expect(await saidOf({ ...aksEnvironment, identityProvider: known })).toEqual({
    test: [],
    "test-cluster": [],
  });
});
