/** The page of the fleet on this machine, in a real browser (Debian: chromium). */
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Environment } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { typescriptPrograms } from "../../src/local/agent-program";
import { freePort } from "../../src/local/free-port";
import { localSecret } from "../../src/local/local-secrets";
import { type RunningFleet, runFleet } from "../../src/local/run-fleet";
import { oneAgent } from "../images/support/one-agent";
import { chromiumOnPath } from "../support/chromium";
import { local } from "../support/fleet/stacks/environments/local";

const ROOT = join(__dirname, "../..");
/** Milliseconds after each part of an answer. */
const PACE = 1000;

let fleet: RunningFleet;
let browser: Browser;
let page: Page;
const secretOf = (name: string) => localSecret(ROOT, name);
/** Secrets that the fleet had looked up by the time that it was ready. */
const lookedUp = new Set<string>();

beforeAll(async () => {
  const executablePath = chromiumOnPath();
  const { agent } = await typescriptPrograms(join(ROOT, "agents/images/typescript"), () => {});
  const environment: Environment = {
    ...local,
    local: { port: await freePort(), edge: { program: "nginx", port: await freePort() } },
  };
  const desk = {
    ...oneAgent,
    name: "desk",
    description: "Asks <b>others</b>",
    calls: ["inventory"],
    skills: oneAgent.skills.map(({ examples: _, ...skill }) => skill),
  };
  const { workloads, problems } = resolveFleet([oneAgent, desk], environment);
  expect(problems).toEqual([]);
  fleet = await runFleet({
    environment,
    workloads,
    programOf: () => agent,
    pauseMs: PACE,
    secretOf: (name) => {
      lookedUp.add(name);
      return secretOf(name);
    },
    hasSecret: () => false,
    onLine: () => {},
  });
  await fleet.ready;
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
});
afterAll(async () => {
  await browser?.close();
  await fleet?.stop();
});

beforeEach(async () => {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  page = await context.newPage();
  const wrong: string[] = [];
  page.on("pageerror", (error) => wrong.push(error.message));
  await page.goto(fleet.pages.console ?? "");
  await page.getByRole("button", { name: "inventory" }).click();
  expect(wrong).toEqual([]);
  return () => context.close();
});

async function logIn(secret = secretOf("console-client-secret")): Promise<void> {
  await page.getByLabel("its secret").fill(secret);
  await page.getByRole("button", { name: "log in" }).click();
}

const events = () => page.locator("#events tbody tr");
const kinds = () => page.locator("#events tbody tr td:nth-child(3)").allTextContents();

test("shows the agents as their cards say, and who calls whom", async () => {
  expect(fleet.pages.console).toMatch(/^https:\/\/localhost:\d+\/console\/$/);
  const row = page.locator("#agent-desk");
  await expect.poll(() => row.textContent()).toContain("Stock level");
  expect(await row.locator("td").last().textContent()).toBe("inventory");
  expect(await page.locator("#agent-inventory td").nth(1).textContent()).toBe("1.0.0");
  // Whom the page tells to look into the file finds it.
  expect(lookedUp).toContain("console-client-secret");
});

test("has something to say to each agent, also to one that only hands on", async () => {
  const text = page.getByLabel("message");
  const [example = ""] = oneAgent.skills.flatMap(({ examples = [] }) => examples);
  expect(await text.inputValue()).toBe(example);
  await page.getByRole("button", { name: "desk" }).click();
  expect(await text.inputValue()).toBe(example);
  expect(example).not.toBe("");
});

test("lets nobody in without the secret, and says what the agent says", async () => {
  await page.getByRole("button", { name: "send" }).click();
  await expect.poll(() => page.locator("#answer").textContent()).toBe("log in first");
  await logIn("guessed");
  await expect.poll(() => page.locator("#who").textContent()).toContain("invalid_client");
  // A caller like every other: who has a token without the role is told so by the agent.
  await page.getByLabel("client", { exact: true }).fill("stranger");
  await logIn(secretOf("stranger-client-secret"));
  await expect.poll(() => page.locator("#who").textContent()).toContain("403");
});

test("sends a message, and shows each event when it comes", async () => {
  await logIn();
  await expect.poll(() => page.locator("#who").textContent()).toBe("console is logged in");
  await page.getByLabel("message").fill("SKU-12345");
  await page.getByRole("button", { name: "send" }).click();
  // The first is there long before the last.
  await expect.poll(() => events().count()).toBeGreaterThan(1);
  expect(await page.getByRole("button", { name: "send" }).isDisabled()).toBe(true);
  const early = await events().count();
  await expect.poll(() => page.locator("#events").textContent()).toContain("completed");
  expect(await events().count()).toBeGreaterThan(early + 1);
  const at = (await page.locator("#events tbody tr td:first-child").allTextContents()).map(Number);
  expect(at).toEqual(at.toSorted((one, other) => one - other));
  expect((at.at(-1) ?? 0) - (at[0] ?? 0)).toBeGreaterThan(2 * PACE);
  expect(await kinds()).toContain("artifact");
  expect(await page.locator("#answer").textContent()).toContain("SKU-12345");
  await expect.poll(() => page.locator("#tasks").textContent()).toContain("completed");
  if (process.env.SCREENSHOTS) {
    await page.screenshot({ path: join(process.env.SCREENSHOTS, "console.png"), fullPage: true });
  }
});

test("cancels a task that is at work", async () => {
  await logIn();
  await page.getByLabel("message").fill("SKU-12345 and SKU-20010");
  await page.getByRole("button", { name: "send" }).click();
  await page.getByRole("button", { name: "cancel the task" }).click();
  await expect.poll(() => page.locator("#events").textContent()).toContain("canceled");
  await expect.poll(() => page.locator("#tasks").textContent()).toContain("canceled");
});

test("shows the last traces: who did what, and for how long", async () => {
  await logIn();
  await page.getByLabel("message").fill("SKU-12345");
  await page.getByRole("button", { name: "send" }).click();
  await expect.poll(() => page.locator("#events").textContent()).toContain("completed");
  const longest = async () => {
    const rows = await page.locator("#traces tbody tr td:nth-child(2)").allTextContents();
    return Math.max(0, ...rows.map(Number));
  };
  // The one of the stream, which is as long as it.
  await expect.poll(longest).toBeGreaterThan(2 * PACE);
  expect(await page.locator("#traces").textContent()).toMatch(/inventory POST \/ \d+ ms/);
});
