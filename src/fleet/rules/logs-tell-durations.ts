import { platformTraits } from "../../choices/platforms";
import { hasAlerts } from "../../environment/alert-settings";
import { environmentRule, type Rule } from "../../environment/rule";

/** Levels that leave out the line about each task that ended. */
const HIDES_TASKS = ["warning", "error"];

/** Where nothing scrapes agents, alerts read how long tasks take in the line that agents write about each, at level info. */
export const logsTellDurations: Rule = {
  ...environmentRule("logs-tell-durations", (environment, workloads) => {
    const { logLevel: level } = environment;
    if (level === undefined || !HIDES_TASKS.includes(level)) return [];
    const asked = workloads.filter(
      ({ platform, metricsAreScraped }) =>
        platformTraits(platform).cloud(environment) !== null && !metricsAreScraped,
    );
    const ownCollector = environment.telemetry?.existingEndpoint === undefined;
    if (!hasAlerts(environment) || !ownCollector || asked.length === 0) return [];
    return [
      `logLevel '${level}' hides the lines about tasks that ended, which its alerts on slow tasks and slow models read; ` +
        "set logLevel to 'info' or 'debug', or leave it out",
    ];
  }),
  warns: () => true,
};
