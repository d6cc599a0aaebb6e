import { TerraformStack } from "cdktf";
import { expect, test } from "vitest";
import { isSharedState, type StateSettings } from "../../src/environment/state-settings";
import { keepState } from "../../src/parts/keep-state";
import { FinishedStack, testApp } from "../support/synth";

const account = { kind: "azure-storage", resourceGroup: "rg-state", storageAccount: "acmestate" } as const;
const inAccount = {
  resource_group_name: "rg-state",
  storage_account_name: "acmestate",
  key: "staging.tfstate",
  use_azuread_auth: true,
};

test.each<[StateSettings, shared: boolean, backend: object]>([
  [account, true, { azurerm: { ...inAccount, container_name: "tfstate" } }],
  [{ ...account, container: "staging" }, true, { azurerm: { ...inAccount, container_name: "staging" } }],
  [
    { kind: "google-storage", bucket: "acme-state" },
    true,
    { gcs: { bucket: "acme-state", prefix: "staging" } },
  ],
  [{ kind: "local" }, false, { local: { path: "staging.tfstate" } }],
])("state of %o is shared: %s", (state, shared, backend) => {
  const stack = new TerraformStack(testApp(), "staging");
  keepState(stack, "staging", state);
  expect(new FinishedStack(stack).json.terraform.backend).toEqual(backend);
  expect(isSharedState(state)).toBe(shared);
});
