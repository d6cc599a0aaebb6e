import { DataAzurermResourceGroup } from "@cdktf/provider-azurerm/lib/data-azurerm-resource-group";
import { ResourceGroup as AzurermResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { Construct } from "constructs";
import { terraformTexts } from "../terraform-text";
import type { AzurePlan } from "./azure-plan";

/** Where Azure resources are made: a group, its region, and the tags on everything in it. */
export interface IResourceGroup {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface ResourceGroupProps {
  readonly name: string;
  /** Region, as Azure writes it. */
  readonly location: string;
  /** @default {} */
  readonly tags?: Readonly<Record<string, string>>;
}

/** A resource group. */
export class ResourceGroup extends Construct implements IResourceGroup {
  /** A group that exists: its region is the one that is looked up. */
  static fromExisting(
    scope: Construct,
    id: string,
    { name, tags = {} }: { readonly name: string; readonly tags?: Readonly<Record<string, string>> },
  ): IResourceGroup {
    const group = new DataAzurermResourceGroup(scope, id, { name });
    return { id: group.id, name: group.name, location: group.location, tags: terraformTexts(tags) };
  }

  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, { name, location, tags = {} }: ResourceGroupProps) {
    super(scope, id);
    this.tags = terraformTexts(tags);
    const group = new AzurermResourceGroup(this, "resource", { name, location, tags: { ...this.tags } });
    this.node.defaultChild = group;
    this.id = group.id;
    this.name = group.name;
    this.location = location;
  }
}

/** The group of an environment: one that exists, or its own. */
export function provideGroup(scope: Construct, id: string, plan: AzurePlan["group"]): IResourceGroup {
  return plan.kind === "existing"
    ? ResourceGroup.fromExisting(scope, id, plan)
    : new ResourceGroup(scope, id, plan);
}
