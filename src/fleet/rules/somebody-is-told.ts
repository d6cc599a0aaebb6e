import { platformTraits } from "../../choices/platforms";
import { hasAlerts } from "../../environment/alert-settings";
import { environmentRule, type Rule } from "../../environment/rule";

/** Alerts of a cloud that call nobody are seen by whoever happens to look. A cluster's own Alertmanager knows whom it calls. */
export const somebodyIsTold: Rule = {
  ...environmentRule("somebody-is-told", (environment, workloads) => {
    const { alerts = {} } = environment;
    const inClouds = workloads.some(({ platform }) => platformTraits(platform).cloud(environment) !== null);
    const receivers = [
      alerts.email ?? [],
      alerts.actionGroup ?? [],
      alerts.notificationChannels ?? [],
    ].flat();
    if (!hasAlerts(environment) || !inClouds || receivers.length > 0) return [];
    return [
      "its alerts call nobody; name who is on call in 'alerts' (email, or an actionGroup or notificationChannels that exist)",
    ];
  }),
  warns: () => true,
};
