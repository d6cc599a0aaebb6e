import { HelmProvider } from "@cdktf/provider-helm/lib/provider";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { Fn } from "cdktf";
import type { Construct } from "constructs";
import type { ClusterLoginMethod } from "../facts/aks";
import type { ClusterLogin } from "./kubernetes-cluster";

/** Entra's own id of the API servers of all AKS clusters: what tokens for them are asked for. */
const AKS_SERVER_ID = "6dae42f8-4368-4678-94ff-3960e28e3630";

/** The providers of what runs inside an AKS cluster. They log in at every run, so that no credential is kept. */
export function aksProviders(scope: Construct, login: ClusterLogin, method: ClusterLoginMethod): void {
  const connection = {
    host: login.host,
    clusterCaCertificate: Fn.base64decode(login.certificateAuthority),
  };
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1",
    command: "kubelogin",
    args: ["get-token", "--login", method, "--server-id", AKS_SERVER_ID],
  };
  new KubernetesProvider(scope, "kubernetes", {
    ...connection,
    exec: [exec],
  });
  new HelmProvider(scope, "helm", { kubernetes: { ...connection, exec } });
}
