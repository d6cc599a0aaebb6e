import { clusterLayout } from "../../choices/clusters";
import { isInCluster } from "../../choices/platforms";
import { takesAlerts } from "../../cluster/facts/cluster-layout";
import { hasAlerts } from "../../environment/alert-settings";
import { environmentRule, type Rule } from "../../environment/rule";

/** Alerts about agents in a cluster are rules of its Prometheus: where it takes none, nobody hears of a failure. */
export const agentsAreWatched: Rule = {
  ...environmentRule("agents-are-watched", (environment, workloads) => {
    const inCluster = workloads.some(({ platform }) => isInCluster(platform));
    if (!hasAlerts(environment) || !inCluster) return [];
    if (takesAlerts(clusterLayout(environment))) return [];
    return [
      "no alert is made about the agents in its cluster, where nothing takes the fleet's rules; set " +
        "kubernetes.prometheusOperator to true where the cluster has the Prometheus Operator, kubernetes.autoscaling to " +
        "'keda' on an AKS cluster of the fleet's, or watch them with rules of your own",
    ];
  }),
  warns: () => true,
};
