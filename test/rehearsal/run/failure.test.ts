import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { requireTerminal } from "../../../src/rehearsal/run/cdktf-program";
import { systemFailure } from "../../../src/rehearsal/run/failure";
import { readState } from "../../../src/rehearsal/run/terraform-state";

test("a full disk is told as such, with the file and what to do", () => {
  const error = Object.assign(new Error("ENOSPC: no space left on device"), {
    code: "ENOSPC",
    syscall: "write",
    path: "/work/state/shop.tfstate",
  });
  expect(systemFailure(error)?.report).toEqual({
    what: "the disk is full: /work/state/shop.tfstate (ENOSPC on write)",
    advice: "free some space and run the same command again",
  });
});

test("a defect of the rehearsal itself keeps its stack trace", () => {
  expect(systemFailure(new TypeError("x is not a function"))).toBeUndefined();
});

test("a state that was cut short is named, and a missing one is empty", async () => {
  const folder = mkdtempSync(join(tmpdir(), "state-"));
  try {
    const path = join(folder, "shop.tfstate");
    expect(await readState(path)).toEqual({ resources: [], outputs: {} });
    writeFileSync(path, '{"version": 4, "reso');
    await expect(readState(path)).rejects.toThrow(/shop\.tfstate is damaged/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a Node that cdktf's terminal library has no build for is named, with what to do", () => {
  expect(() => requireTerminal()).not.toThrow();
  const folder = mkdtempSync(join(tmpdir(), "pty-"));
  try {
    mkdirSync(join(folder, "lib"));
    writeFileSync(join(folder, "lib/prebuild-file-path.js"), "exports.ptyPath = null;");
    expect(() => requireTerminal(folder)).toThrow(
      /no terminal library for Node v.*use Node 20 or 22, or build it/,
    );
    mkdirSync(join(folder, "build/Release"), { recursive: true });
    writeFileSync(join(folder, "build/Release/pty.node"), "");
    expect(() => requireTerminal(folder)).not.toThrow();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
