import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { type LedgerFile, ledgerPath } from "../../src/rehearsal/ledger";
import type { Interruption } from "../../src/rehearsal/run/interruption";
import type { RehearseProps } from "../../src/rehearsal/run/rehearse";
import { plainView } from "../../src/rehearsal/run/view";
import { WorkFolder } from "../../src/rehearsal/run/work-folder";

export const REPOSITORY = resolve(__dirname, "../..");
export const FIXTURES = join(__dirname, "fixtures");

export const UNINTERRUPTED: Interruption = {
  gentle: new AbortController().signal,
  forced: new AbortController().signal,
  check() {},
  release() {},
};

/** A folder like a newcomer's project, with a cdktf app from the fixtures, where rehearsals leave their files. */
export interface RehearsalProject {
  readonly folder: string;
  /** Writes a Terraform folder of that name. @returns its path */
  writeTerraform(name: string, text: string): string;
  /** What a rehearsal of that folder takes, with what it says collected in `said`. */
  props(name: string, text: string): Omit<RehearseProps, "command"> & { readonly said: string[] };
}

export function useRehearsalProject(): RehearsalProject {
  let folder = "";
  beforeAll(() => {
    // In the system's own temporary folder: sockets have room for short paths only.
    folder = mkdtempSync(join(tmpdir(), "project-"));
    symlinkSync(join(REPOSITORY, "node_modules"), join(folder, "node_modules"));
    const app = `node --import tsx ${join(FIXTURES, "two-stacks/main.ts")}`;
    writeFileSync(
      join(folder, "cdktf.json"),
      JSON.stringify({ language: "typescript", app, projectId: "fixture" }),
    );
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const writeTerraform = (name: string, text: string) => {
    const path = join(folder, name, "main.tf");
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return dirname(path);
  };
  return {
    get folder() {
      return folder;
    },
    writeTerraform,
    props: (name, text) => {
      const said: string[] = [];
      return {
        workFolder: new WorkFolder(folder, name),
        source: { kind: "terraform", folder: writeTerraform(name, text) },
        choose: (available) => available,
        view: plainView((line) => said.push(line)),
        interruption: UNINTERRUPTED,
        calledAs: "rehearse",
        said,
      };
    },
  };
}

/** Changes the simulated cloud behind Terraform's back. */
export function editLedger({ cloud }: WorkFolder, change: (ledger: LedgerFile) => void): void {
  const path = ledgerPath(cloud);
  const ledger = JSON.parse(readFileSync(path, "utf8")) as LedgerFile;
  change(ledger);
  writeFileSync(path, JSON.stringify(ledger));
}
