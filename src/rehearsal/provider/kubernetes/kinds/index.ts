import type { KindRules } from "../kind-rules";
import { ingressClass, priorityClass, storageClass } from "./cluster-objects";
import { configMap } from "./config-map";
import { cronJob } from "./cron-job";
import { daemonSet } from "./daemon-set";
import { deployment, replicaSet } from "./deployment";
import { endpointSlice } from "./endpoint-slice";
import { endpoints } from "./endpoints";
import { horizontalPodAutoscaler } from "./horizontal-pod-autoscaler";
import { ingress } from "./ingress";
import { job } from "./job";
import { lease } from "./lease";
import { limitRange } from "./limit-range";
import { namespaceRules } from "./namespace";
import { networkPolicy } from "./network-policy";
import { persistentVolumeClaim } from "./persistent-volume-claim";
import { pod } from "./pod";
import { podDisruptionBudget } from "./pod-disruption-budget";
import { clusterRole, clusterRoleBinding, role, roleBinding } from "./rbac";
import { resourceQuota } from "./resource-quota";
import { secret } from "./secret";
import { service } from "./service";
import { serviceAccount } from "./service-account";
import { statefulSet } from "./stateful-set";
import { webhookConfiguration } from "./webhook-configuration";

/** Kinds with rules of their own. To add one: a file in this folder, a line here, and cases in the battery. */
const rules: readonly KindRules[] = [
  clusterRole,
  clusterRoleBinding,
  configMap,
  cronJob,
  daemonSet,
  deployment,
  endpointSlice,
  endpoints,
  horizontalPodAutoscaler,
  ingress,
  ingressClass,
  job,
  lease,
  limitRange,
  namespaceRules,
  networkPolicy,
  persistentVolumeClaim,
  pod,
  podDisruptionBudget,
  priorityClass,
  replicaSet,
  resourceQuota,
  role,
  roleBinding,
  secret,
  service,
  serviceAccount,
  statefulSet,
  storageClass,
  webhookConfiguration,
];

const byKind = new Map(rules.flatMap((rule) => rule.kinds.map((kind) => [kind, rule] as const)));

export function rulesOf(apiVersion: string, kind: string): KindRules | undefined {
  return byKind.get(`${apiVersion}/${kind}`);
}
