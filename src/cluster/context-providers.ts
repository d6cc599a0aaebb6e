import { HelmProvider } from "@cdktf/provider-helm/lib/provider";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import type { Construct } from "constructs";
import { terraformText } from "../terraform-text";

/** The providers of what runs inside any cluster, by a context of the kubeconfig on the machine that deploys. */
export function contextProviders(scope: Construct, context: string): void {
  const connection = { configPath: "~/.kube/config", configContext: terraformText(context) };
  new KubernetesProvider(scope, "kubernetes", connection);
  new HelmProvider(scope, "helm", { kubernetes: connection });
}
