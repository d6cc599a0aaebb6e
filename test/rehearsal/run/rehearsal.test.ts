import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { LedgerEntry } from "../../../src/rehearsal/ledger";
import { RehearsalFailure } from "../../../src/rehearsal/run/failure";
import { Rehearsal } from "../../../src/rehearsal/run/rehearsal";
import { rehearse } from "../../../src/rehearsal/run/rehearse";
import { plainView } from "../../../src/rehearsal/run/view";
import { WorkFolder } from "../../../src/rehearsal/run/work-folder";
import type { Scenario } from "../../../src/rehearsal/scenario";
import { editLedger, FIXTURES, useRehearsalProject } from "../../support/rehearsal-project";

const project = useRehearsalProject();

const PROVIDER = `
  terraform {
    backend "azurerm" {
      storage_account_name = "someonesrealstate"
      container_name       = "tfstate"
      key                  = "shop"
    }
  }
  provider "azurerm" {
    features {}
    subscription_id = "6f1b2c3d-0000-4000-8000-000000000001"
  }`;

const GROUP = `${PROVIDER}
  resource "azurerm_resource_group" "group" {
    name     = "rg-shop"
    location = "westeurope"
  }`;

const WORKSPACE = `${GROUP}
  resource "azurerm_log_analytics_workspace" "logs" {
    name                = "log-shop"
    location            = "westeurope"
    resource_group_name = azurerm_resource_group.group.name
    retention_in_days   = 30
  }`;

/** Deploys a folder, hands it over, and cleans up. */
async function deployed(
  name: string,
  text: string,
  check: (rehearsal: Rehearsal) => Promise<void>,
  scenario: Partial<Scenario> = {},
): Promise<void> {
  const props = { ...project.props(name, text), scenario };
  const rehearsal = new Rehearsal(props);
  try {
    await rehearsal.open();
    for (const stack of rehearsal.order) await rehearsal.deploy(stack);
    await check(rehearsal);
  } finally {
    await rehearsal.stop();
    await props.workFolder.remove();
  }
}

async function failureOf(work: Promise<unknown>): Promise<RehearsalFailure["report"]> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof RehearsalFailure)) throw error ?? new Error("it passed");
  return error.report;
}

function firstStack(rehearsal: Rehearsal) {
  const [stack] = rehearsal.order;
  if (stack === undefined) throw new Error("no stack");
  return stack;
}

test("someone's hand-written folder deploys, settles and is destroyed, and nothing is left behind", async () => {
  const props = project.props("shop", "");
  cpSync(join(FIXTURES, "hand-written"), join(project.folder, "shop"), { recursive: true });
  await rehearse({ ...props, command: "again" });
  const said = props.said.join("\n");
  expect(said).toMatch(/✔ deploy shop \(.*\) 2 resources/);
  expect(said).toMatch(/✔ second plan shop \(.*\) no changes/);
  expect(said).toMatch(/✔ destroy shop \(.*\) 2 resources/);
  expect(said).toMatch(/✔ nothing is left \(.*\) 0 in the cloud/);
  expect(said).toMatch(/azurerm +2 +1 resource_group, 1 virtual_network/);
  expect(existsSync(join(project.folder, ".rehearsal"))).toBe(false);
});

test("a folder is rehearsed from within it, as --folder . does", async () => {
  const props = project.props("here", GROUP);
  const { folder } = props.source as { readonly folder: string };
  await rehearse({ ...props, workFolder: new WorkFolder(folder, "here"), command: "again" });
  expect(props.said.join("\n")).toMatch(/✔ nothing is left \(.*\) 0 in the cloud/);
  expect(readdirSync(folder)).toEqual(["main.tf"]);
});

test("a resource that isn't stable fails the second plan, with address and argument", async () => {
  const unstable = GROUP.replace(
    'location = "westeurope"',
    'location = "westeurope"\n tags = { at = timestamp() }',
  );
  await deployed("unstable", unstable, async (rehearsal) => {
    const report = await failureOf(rehearsal.checkSettled(firstStack(rehearsal)));
    expect(report.what).toContain("unstable doesn't settle");
    expect(report.details?.[0]).toMatch(
      /^azurerm_resource_group\.group would be changed:\n +tags.* -> \(known after apply\)$/,
    );
  });
});

test("what is there and in no state is reported as an orphan", async () => {
  await deployed("orphan", GROUP, async (rehearsal) => {
    await rehearsal.checkAgreement();
    const entry: LedgerEntry = {
      type: "azurerm_key_vault",
      id: "/subscriptions/s/vaults/kv-lost",
      scope: "s",
      createdAt: 9,
      attributes: { name: "kv-lost" },
    };
    editLedger(workFolderOf("orphan"), ({ entries }) => Object.assign(entries, { lost: entry }));
    const report = await failureOf(rehearsal.checkAgreement());
    expect(report.details).toEqual([
      "orphan: azurerm_key_vault 'kv-lost' exists in the cloud, but in no state (/subscriptions/s/vaults/kv-lost)",
    ]);
    await rehearsal.destroy(firstStack(rehearsal));
    await failureOf(rehearsal.checkAgreement("nothing is left"));
  });
});

test("an argument changed in the cloud fails the second plan; what only the cloud decides fails the comparison", async () => {
  await deployed("drift", WORKSPACE, async (rehearsal) => {
    const stack = firstStack(rehearsal);
    const change = (attributes: object) =>
      editLedger(workFolderOf("drift"), ({ entries }) => {
        const logs = Object.values(entries).find(({ type }) => type === "azurerm_log_analytics_workspace");
        Object.assign(logs?.attributes ?? {}, attributes);
      });
    change({ retention_in_days: 90 });
    const plan = await failureOf(rehearsal.checkSettled(stack));
    expect(plan.details).toContain(
      "azurerm_log_analytics_workspace.logs was changed in the cloud, not by Terraform:\n    retention_in_days: 30 -> 90",
    );
    change({ retention_in_days: 30, workspace_id: "another" });
    const comparison = await failureOf(rehearsal.checkAgreement());
    expect(comparison.details).toEqual([
      "drift: azurerm_log_analytics_workspace.logs: workspace_id in the state isn't what the cloud has",
    ]);
  });
});

test("a sensitive value in the open is found where it is", async () => {
  const open =
    'output "key" { value = nonsensitive(azurerm_log_analytics_workspace.logs.primary_shared_key) }';
  await deployed("sealed", WORKSPACE, async (rehearsal) => {
    expect(rehearsal.ledger().canaries.length).toBeGreaterThan(0);
    await rehearsal.checkLeaks();
  });
  await deployed("leaky", `${WORKSPACE}\n${open}`, async (rehearsal) => {
    const report = await failureOf(rehearsal.checkLeaks());
    expect(report.details).toContainEqual(
      expect.stringMatching(/^logs\/\d+-deploy-leaky\.log: line \d+ \(key\)$/),
    );
    const [canary] = rehearsal.ledger().canaries;
    expect(report.details?.join("\n")).not.toContain(canary);
  });
});

const GUARDED = GROUP.replace(
  'location = "westeurope"',
  'location = "westeurope"\n lifecycle { \n prevent_destroy = true \n}',
);

const RUN_SERVICE = `
  provider "google" {
    project = "shop"
    region  = "europe-west1"
  }
  resource "google_cloud_run_v2_service" "agent" {
    name     = "agent"
    location = "europe-west1"
    template {
      containers {
        image = "europe-west1-docker.pkg.dev/shop/agents/agent:1"
      }
    }
  }`;

test.each([
  ["prevent_destroy", GUARDED, "azurerm_resource_group.group"],
  ["deletion_protection", RUN_SERVICE, "cannot destroy projects/shop/locations/europe-west1/services/agent"],
])("%s: the refusal is rehearsed, and --unprotect destroys everything", async (name, text, refusal) => {
  const refused = project.props(name, text);
  await rehearse({ ...refused, command: "again" });
  const said = refused.said.join("\n");
  expect(said).toMatch(/✔ destroy \w+ \(.*\) is refused, as it should be: 1 resource protected/);
  expect(said).toContain(`    ${refusal}`);
  expect(said).toContain("--unprotect destroys what is protected, too");
  expect(said).toMatch(/✔ what is left is in a state \(.*\) 1 in the cloud/);
  expect(existsSync(refused.workFolder.path)).toBe(false);
  const freed = project.props(name, text);
  await rehearse({ ...freed, unprotect: true, command: "again" });
  expect(freed.said.join("\n")).toMatch(/✔ nothing is left \(.*\) 0 in the cloud/);
});

test("protection that doesn't hold fails the rehearsal, and so does a destroy that fails for another reason", async () => {
  const explicit = RUN_SERVICE.replace('"agent"\n', '"agent"\n deletion_protection = true\n');
  await deployed("unguarded", explicit, async (rehearsal) => {
    editLedger(workFolderOf("unguarded"), ({ entries }) => {
      for (const { attributes } of Object.values(entries))
        Object.assign(attributes, { deletion_protection: false });
    });
    const stack = firstStack(rehearsal);
    const report = await failureOf(rehearsal.destroy(stack));
    expect(report.details).toEqual(["google_cloud_run_v2_service.agent is protected, and gone"]);
  });
  const fault = { type: "azurerm_resource_group", action: "delete" as const, error: "the API is down" };
  await deployed(
    "stuck",
    GROUP,
    async (rehearsal) => {
      const report = await failureOf(rehearsal.destroy(firstStack(rehearsal)));
      expect(report.what).toBe("destroy of stuck failed");
      expect(report.details?.[0]).toContain("the API is down");
    },
    { faults: [fault] },
  );
});

test("a deploy that fails in the middle converges on the next run, and nothing is created twice", async () => {
  const fault = {
    type: "azurerm_log_analytics_workspace",
    attempt: 1,
    error: "the region is out of capacity",
  };
  const report = await failureOf(
    rehearse({ ...project.props("faulty", WORKSPACE), scenario: { faults: [fault] }, command: "again" }),
  );
  expect(report.what).toBe("deploy of faulty failed");
  expect(report.details?.[0]).toMatch(
    /^faulty › azurerm_log_analytics_workspace\.logs\nError: .*out of capacity/,
  );
  expect(report.advice).toContain("`again` goes on from there");

  const next = project.props("faulty", WORKSPACE);
  await rehearse({ ...next, keep: true, command: "again" });
  expect(next.said.join("\n")).toMatch(/✔ deploy faulty \(.*\) 2 resources \(1 of them from before\)/);
  const ledger = JSON.parse(readFileSync(join(workFolderOf("faulty").cloud, "ledger.json"), "utf8"));
  expect(Object.keys(ledger.entries)).toHaveLength(2);
  await rehearse({ ...project.props("faulty", WORKSPACE), command: "again" });
});

test("--keep leaves states, plans, versions and the cloud, and no sensitive value in what others may see", async () => {
  const props = project.props("kept", WORKSPACE);
  await rehearse({ ...props, keep: true, command: "again" });
  const { path } = props.workFolder;
  expect(readFileSync(join(path, "plans/kept.txt"), "utf8")).toContain("Plan: 2 to add");
  const plan = JSON.parse(readFileSync(join(path, "plans/kept.json"), "utf8"));
  expect(plan.resource_changes.map(({ address }: { address: string }) => address)).toEqual([
    "azurerm_log_analytics_workspace.logs",
    "azurerm_resource_group.group",
  ]);
  const versions = JSON.parse(readFileSync(join(path, "versions.json"), "utf8"));
  expect(versions.providers["hashicorp/azurerm"]).toMatch(/^\d+\.\d+\.\d+$/);
  expect(JSON.parse(readFileSync(join(path, "state/kept.tfstate"), "utf8")).resources).toHaveLength(2);
});

test("two rehearsals don't share a folder: the second touches nothing of the first", async () => {
  await deployed("busy", GROUP, async (rehearsal) => {
    const second = rehearse({ ...project.props("busy", GROUP), fresh: true, command: "again" });
    expect((await failureOf(second)).what).toMatch(/another rehearsal \(process \d+\) is working in .*busy/);
    const third = rehearse({ ...project.props("busy", GROUP), command: "again" });
    expect((await failureOf(third)).what).toMatch(/another rehearsal/);
    await rehearsal.checkSettled(firstStack(rehearsal));
  });
});

test("a kept cloud isn't taken over by another source, unless it starts over", async () => {
  await rehearse({ ...project.props("mine", GROUP), keep: true, command: "again" });
  const other = {
    ...project.props("mine", GROUP),
    source: { kind: "terraform", folder: project.writeTerraform("other", GROUP) } as const,
  };
  for (const attempt of [1, 2]) {
    const { what } = await failureOf(rehearse({ ...other, command: "again" }));
    expect(what, `attempt ${attempt}`).toMatch(/mine holds a rehearsal of something else/);
  }
  await rehearse({ ...other, fresh: true, command: "again" });
  expect(existsSync(other.workFolder.path)).toBe(false);
});

test("a stack that can't be kept from what is real isn't even initialized", async () => {
  const props = project.props("foreign", 'resource "aws_s3_bucket" "bucket" {}');
  const report = await failureOf(rehearse({ ...props, command: "again" }));
  expect(report.details).toEqual([expect.stringContaining("foreign: provider hashicorp/aws isn't served")]);
  expect(existsSync(props.workFolder.path)).toBe(false);
});

function workFolderOf(name: string) {
  return new WorkFolder(project.folder, name);
}

test("--plan takes nothing away that was kept, and leaves nothing where there was nothing", async () => {
  await rehearse({ ...project.props("looked-at", GROUP), keep: true, command: "again" });
  await rehearse({ ...project.props("looked-at", WORKSPACE), planOnly: true, command: "again" });
  const { path, cloud } = workFolderOf("looked-at");
  expect(JSON.parse(readFileSync(join(path, "state/looked-at.tfstate"), "utf8")).resources).toHaveLength(1);
  expect(Object.keys(JSON.parse(readFileSync(join(cloud, "ledger.json"), "utf8")).entries)).toHaveLength(1);
  await rehearse({ ...project.props("glanced-at", GROUP), planOnly: true, command: "again" });
  expect(existsSync(workFolderOf("glanced-at").path)).toBe(false);
});

test("a name that is to be taken, or an image that is to be missing, and that nothing has, is told", async () => {
  const scenario = { takenNames: ["kv-shpo"], missingImages: ["shop/web:2"] };
  const report = await failureOf(rehearse({ ...project.props("spared", GROUP), scenario, command: "again" }));
  expect(report.what).toBe("what was to go wrong never came up");
  expect(report.details).toEqual([
    "no resource with a global name is called 'kv-shpo'",
    "nothing that was deployed runs the image 'shop/web:2'",
  ]);
});

/** Has a shell say what `terraform apply` does, for as long as something is done. */
async function withApply<T>(apply: string, use: () => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "path-"));
  const { PATH } = process.env;
  const program = join(folder, "terraform");
  const others = `PATH="\${PATH#*${folder}:}"`;
  writeFileSync(program, `#!/bin/sh\n${others}\n[ "$1" = apply ] && { ${apply}; }\nexec terraform "$@"\n`);
  chmodSync(program, 0o755);
  process.env.PATH = `${folder}:${PATH}`;
  try {
    return await use();
  } finally {
    process.env.PATH = PATH;
    rmSync(folder, { recursive: true });
  }
}

test("a Terraform that ends without having finished has not deployed anything", async () => {
  const report = await withApply("exit 0", () =>
    failureOf(rehearse({ ...project.props("killed", GROUP), command: "again" })),
  );
  expect(report.what).toContain("deploy of killed was cut off");
});

test("a Terraform that is killed in the middle has done nothing, and the next run creates nothing twice", async () => {
  await rehearse({ ...project.props("shot", GROUP), keep: true, command: "again" });
  const more = `${WORKSPACE}
  resource "azurerm_resource_group" "quick" {
    name     = "rg-quick"
    location = "westeurope"
  }`;
  const props = project.props("shot", more);
  const ledger = join(props.workFolder.cloud, "ledger.json");
  const kill = `terraform "$@" & until grep -q rg-quick ${ledger}; do sleep 0.1; done; kill -9 $!; exit 137`;
  const slow = { faults: [{ type: "azurerm_log_analytics_workspace", delayMs: 60_000 }] };
  const { what } = await withApply(kill, () =>
    failureOf(rehearse({ ...props, scenario: slow, command: "again" })),
  );
  expect(what).toContain("deploy of shot failed");
  expect(readFileSync(ledger, "utf8")).toContain("rg-shop");
  expect(readFileSync(ledger, "utf8")).not.toContain("rg-quick");
  const again = project.props("shot", more);
  await rehearse({ ...again, command: "again" });
  expect(again.said.join("\n")).toMatch(/✔ deploy shot \(.*\) 3 resources \(1 of them from before\)/);
});

test("simulated clouds that were killed are named, instead of a process that Terraform doesn't find", async () => {
  await deployed("lost", GROUP, async (rehearsal) => {
    const [cloud] = Object.values(JSON.parse(rehearsal.environment.TF_REATTACH_PROVIDERS ?? "{}")) as [
      { Pid: number },
    ];
    process.kill(cloud.Pid, "SIGKILL");
    const report = await failureOf(rehearsal.checkSettled(firstStack(rehearsal)));
    expect(report.what).toBe(
      `the second plan of lost failed: the simulated clouds (process ${cloud.Pid}) have ended while Terraform was working with them`,
    );
    expect(report.advice).toContain("run the same command again");
  });
});

test("a Terraform whose last lines are lost has deployed what its state and a plan say", async () => {
  const quiet = 'exec terraform "$@" > /dev/null';
  await withApply(quiet, () => rehearse({ ...project.props("unheard", GROUP), command: "again" }));
  expect(existsSync(workFolderOf("unheard").path)).toBe(false);
});

/** What `cdktf synth` writes of two stacks, the second in need of the first. */
function writeSynthesized(folder: string, second: object): string {
  const stacks = {
    first: {
      resource: { azurerm_resource_group: { group: { name: "rg-first", location: "westeurope" } } },
    },
    second,
  };
  const manifest = Object.fromEntries(
    Object.keys(stacks).map((name) => [
      name,
      {
        name,
        constructPath: name,
        workingDirectory: `stacks/${name}`,
        synthesizedStackPath: `stacks/${name}/cdk.tf.json`,
        annotations: [],
        dependencies: name === "second" ? ["first"] : [],
      },
    ]),
  );
  for (const [name, stack] of Object.entries(stacks)) {
    mkdirSync(join(folder, "stacks", name), { recursive: true });
    const content = {
      "//": { metadata: { backend: "local", stackName: name, version: "0.21.0" }, outputs: {} },
      terraform: { required_providers: { azurerm: { source: "hashicorp/azurerm", version: "~> 4.0" } } },
      provider: { azurerm: [{ features: [{}], subscription_id: "6f1b2c3d-0000-4000-8000-000000000001" }] },
      ...stack,
    };
    writeFileSync(join(folder, "stacks", name, "cdk.tf.json"), JSON.stringify(content, null, 2));
  }
  writeFileSync(join(folder, "manifest.json"), JSON.stringify({ version: "0.21.0", stacks: manifest }));
  return folder;
}

function synthesized(name: string, second: object) {
  const said: string[] = [];
  const folder = writeSynthesized(join(project.folder, `${name}.out`), second);
  const props = project.props(name, GROUP);
  return {
    ...props,
    source: { kind: "synthesized" as const, folder },
    said,
    view: plainView((line) => said.push(line)),
  };
}

test("what a protected stack needs is left alone with it", async () => {
  const second = {
    resource: {
      azurerm_resource_group: {
        guarded: {
          name: "rg-second",
          location: "westeurope",
          lifecycle: { prevent_destroy: true },
        },
      },
    },
  };
  const refused = synthesized("needed", second);
  await rehearse({ ...refused, command: "again" });
  const said = refused.said.join("\n");
  expect(said).toMatch(/✔ destroy second \(.*\) is refused, as it should be/);
  expect(said).toContain("    first is left alone: second still stands, and needs it");
  expect(said).not.toContain("destroy first");
  expect(said).toMatch(/✔ what is left is in a state \(.*\) 2 in the cloud/);
});

test("a deploy that fails while planning shows Terraform's error, its address and its construct", async () => {
  const props = synthesized("unplannable", {
    resource: {
      azurerm_postgresql_flexible_server: {
        db: {
          name: "psql-shop",
          location: "westeurope",
          resource_group_name: "rg-first",
          administrator_login: "shop",
          administrator_password: "Some1pass!word",
          sku_name: "B_Standard_B1ms",
          version: "17",
          storage_tier: "P80",
          "//": { metadata: { path: "second/store/database", uniqueId: "db" } },
        },
      },
    },
  });
  const choose = () => ["second"];
  const report = await failureOf(rehearse({ ...props, choose, command: "again" }));
  expect(report.what).toBe("deploy of second failed");
  expect(report.details?.[0]).toMatch(
    /^second › azurerm_postgresql_flexible_server\.db \(second\/store\/database\)\nError: invalid 'storage_tier' "P80"/,
  );
  await props.workFolder.remove();
});

test("a variable that nothing gives a value is an error, not a question that nobody answers", async () => {
  const props = synthesized("asking", {
    variable: { size: { type: "string" } },
    output: { size: { value: "${var.size}" } },
  });
  const choose = () => ["second"];
  const report = await failureOf(rehearse({ ...props, choose, command: "again" }));
  expect(report.details?.join("\n")).toContain("No value for required variable");
  await props.workFolder.remove();
});

const LOOK_UP = `${PROVIDER}
  data "azurerm_resource_group" "shared" { name = "rg-shared" }
  resource "azurerm_log_analytics_workspace" "logs" {
    name                = "log-shop"
    location            = data.azurerm_resource_group.shared.location
    resource_group_name = data.azurerm_resource_group.shared.name
  }`;

test("what exists before is found, stays, and is counted apart", async () => {
  const attributes = { name: "rg-shared", location: "northeurope" };
  const existing = [{ type: "azurerm_resource_group", attributes }];
  const props = { ...project.props("beside", LOOK_UP), scenario: { existing } };
  await rehearse({ ...props, command: "again" });
  const said = props.said.join("\n");
  expect(said).toMatch(/✔ cloud and state agree \(.*\) 1 in the cloud, beside 1 that was there before/);
  expect(said).toMatch(/✔ nothing is left \(.*\) 0 in the cloud, beside 1 that was there before/);
  const alone = await failureOf(rehearse({ ...project.props("lonely", LOOK_UP), command: "again" }));
  expect(alone.details?.join("\n")).toContain('Name: "rg-shared") was not found');
});

const DELEGATED = `${GROUP}
  resource "azurerm_virtual_network" "network" {
    name                = "vnet-shop"
    location            = "westeurope"
    resource_group_name = azurerm_resource_group.group.name
    address_space       = ["10.0.0.0/16"]
  }
  resource "azurerm_subnet" "apps" {
    name                 = "apps"
    resource_group_name  = azurerm_resource_group.group.name
    virtual_network_name = azurerm_virtual_network.network.name
    address_prefixes     = ["10.0.0.0/23"]
    delegation {
      name = "apps"
      service_delegation {
        name = "Microsoft.App/environments"
      }
    }
    lifecycle {
      ignore_changes = [IGNORED]
    }
  }`;

test("what the cloud fills into a block is no alarm where it is ignored, and one where it isn't", async () => {
  const actions = "delegation[0].service_delegation[0].actions";
  const ignored = project.props("ignoring", DELEGATED.replace("IGNORED", actions));
  await rehearse({ ...ignored, command: "again" });
  expect(ignored.said.join("\n")).toMatch(/✔ cloud and state agree/);
  const strict = project.props("strict", DELEGATED.replace("IGNORED", ""));
  const report = await failureOf(rehearse({ ...strict, command: "again" }));
  expect(report.what).toContain("strict doesn't settle");
  await strict.workFolder.remove();
});
