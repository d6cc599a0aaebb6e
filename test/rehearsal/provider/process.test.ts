import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { ledgerPath, readLedger } from "../../../src/rehearsal/ledger";
import { providerEnvironment, startProviders } from "../../../src/rehearsal/provider-process";
import { isAlive } from "../../support/is-alive";
import { Workbench } from "./support/workbench";

const roots: string[] = [];

function freshFolder(): string {
  const root = mkdtempSync(join(tmpdir(), "a2a-p-"));
  roots.push(root);
  return root;
}

async function goneWithin(pid: number, milliseconds: number): Promise<boolean> {
  const end = Date.now() + milliseconds;
  while (isAlive(pid) && Date.now() < end) await sleep(20);
  return !isAlive(pid);
}

afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
});

describe("the process of the simulated clouds", () => {
  it("starts within half a second or so, names every provider at both hosts, and stops without a trace", async () => {
    const folder = freshFolder();
    const providers = await startProviders({ folder });
    const reattach = JSON.parse(providers.reattach);
    expect(Object.keys(reattach)).toHaveLength(14);
    expect(reattach["registry.opentofu.org/hashicorp/helm"]).toMatchObject({
      ProtocolVersion: 6,
      Test: true,
    });
    expect(reattach["registry.terraform.io/hashicorp/azurerm"]).toMatchObject({
      ProtocolVersion: 5,
      Pid: providers.pid,
    });
    await providers.stop();
    expect(isAlive(providers.pid)).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("ends when its parent is killed, and the folder can be used again", async () => {
    const folder = freshFolder();
    const script = `
      const { startProviders } = require(${JSON.stringify(join(__dirname, "../../../src/rehearsal/provider-process"))});
      startProviders({ folder: ${JSON.stringify(folder)} }).then(({ pid }) => console.log(pid));
      setInterval(() => {}, 1000);
    `;
    const parent = spawn(process.execPath, ["--import", "tsx", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = await once(parent.stdout, "data");
    const pid = Number(line);
    expect(isAlive(pid)).toBe(true);
    parent.kill("SIGKILL");
    expect(await goneWithin(pid, 5000)).toBe(true);
    const again = await startProviders({ folder });
    await again.stop();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("works in a folder whose path is too long for a socket", async () => {
    const folder = join(freshFolder(), "a".repeat(90));
    const providers = await startProviders({ folder });
    const { Addr } = JSON.parse(providers.reattach)["registry.terraform.io/hashicorp/azurerm"];
    expect(Addr.String.length).toBeLessThan(100);
    await providers.stop();
    expect(existsSync(join(Addr.String, ".."))).toBe(false);
  });

  it("says which paths are too long when the temporary folder's is as well", async () => {
    const folder = join(freshFolder(), "b".repeat(90));
    const before = process.env.TMPDIR;
    process.env.TMPDIR = join(folder, "tmp");
    try {
      await expect(startProviders({ folder })).rejects.toThrow("too long for a socket");
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it("refuses a folder that another one works on", async () => {
    const folder = freshFolder();
    const first = await startProviders({ folder });
    await expect(startProviders({ folder })).rejects.toThrow(
      `${folder} is in use by another rehearsal (process ${process.pid})`,
    );
    await first.stop();
  });

  it("refuses a ledger that isn't one, naming it", async () => {
    const folder = freshFolder();
    writeFileSync(ledgerPath(folder), "{");
    await expect(startProviders({ folder })).rejects.toThrow("ledger.json is not a ledger");
    expect(readdirSync(folder)).toEqual(["ledger.json"]);
    expect(() => readLedger(folder)).toThrow("is not a ledger");
  });
});

describe("a full disk", () => {
  const bench = Workbench.forFile();

  it("fails the apply, says so, and the rerun converges", async () => {
    await bench.write('resource "azurerm_resource_group" "g" {\n name = "rg"\n location = "westeurope"\n}');
    const temporary = `${ledgerPath(bench.work)}.${bench.process.pid}.tmp`;
    symlinkSync("/dev/full", temporary);
    expect(bench.applyRefused()).toContain("no space left on the disk for");
    expect(existsSync(temporary)).toBe(false);
    const written = JSON.parse(readFileSync(ledgerPath(bench.work), "utf8"));
    expect(written.entries).toEqual({});
    bench.apply();
    expect(bench.plan()).toEqual({});
  });
});

it("hands no credentials to the simulated clouds, whatever they are called", () => {
  const secrets = {
    ARM_CLIENT_SECRET: "s",
    GOOGLE_CREDENTIALS: "s",
    AWS_PROFILE: "s",
    NODE_OPTIONS: "--inspect",
  };
  const needed = { PATH: "/bin", ARM_SUBSCRIPTION_ID: "00000000-0000-0000-0000-00000000000a" };
  expect(providerEnvironment({ ...secrets, ...needed })).toEqual(needed);
});

// Where the system shows what a process was given.
it.runIf(existsSync("/proc/self/environ"))("starts them with that and nothing else", async () => {
  process.env.ARM_CLIENT_SECRET = "not-for-a-rehearsal";
  try {
    const running = await startProviders({ folder: freshFolder() });
    const given = readFileSync(`/proc/${running.pid}/environ`, "utf8");
    await running.stop();
    expect(given).toContain("PATH=");
    expect(given).not.toContain("not-for-a-rehearsal");
  } finally {
    delete process.env.ARM_CLIENT_SECRET;
  }
});
