import type { CloudTraits } from "../../environment/cloud-traits";
import { AZURE_SETTINGS, findAzureProblems } from "./find-azure-problems";

/** Azure, as the core knows it. */
export const azureCloud: CloudTraits = {
  kind: "azure",
  title: "Azure",
  network: "Azure's network",
  settings: AZURE_SETTINGS,
  isIn: ({ azure }) => azure !== undefined,
  registries: () => [],
  findProblems: findAzureProblems,
};
