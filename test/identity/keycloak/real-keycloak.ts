import { randomBytes } from "node:crypto";
import type { TestProject } from "vitest/node";
import { type RunningKeycloak, startKeycloak } from "../../../src/local/keycloak-program";

/** What the tests know of the one Keycloak that they share. */
interface SharedKeycloak extends Pick<RunningKeycloak, "url" | "administrator"> {
  /** What it is told that callers call it. */
  readonly publicUrl: string;
}

declare module "vitest" {
  interface ProvidedContext {
    readonly keycloak: SharedKeycloak;
  }
}

/** Milliseconds that it has to end. */
const GRACE_MS = 20_000;

/** Before all tests: one Keycloak behind a public name that leads nowhere, in which each file has a realm of its own. */
export default async function setUp({ provide }: TestProject): Promise<() => Promise<void>> {
  const said: string[] = [];
  const publicUrl = "https://api.test.acme.example/identity";
  const administratorSecret = randomBytes(18).toString("hex");
  const { part, url, administrator, remove } = await startKeycloak({
    publicUrl,
    administratorSecret,
    onLine: (line) => said.push(line),
  }).catch((error: unknown) => {
    throw new Error(`${error}; it said:\n${said.slice(-40).join("\n")}`);
  });
  provide("keycloak", { url, publicUrl, administrator });
  return async () => {
    await part.stop(GRACE_MS);
    remove();
  };
}
