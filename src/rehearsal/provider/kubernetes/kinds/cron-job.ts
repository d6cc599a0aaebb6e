import { allowOnly, type Field, refuseNegative } from "../field";
import { findScheduleProblem, isTimeZone } from "../formats/cron";
import type { KindRules } from "../kind-rules";
import { judgeJobTemplate } from "./job";
import { judgeMetadata } from "./metadata";

/** Eleven characters are for the time that its jobs' names end with. */
const NAME_CHARACTERS = 52;

export const cronJob: KindRules = {
  kinds: ["batch/v1/CronJob"],
  judge({ object, prior }) {
    judgeMetadata(object.at("metadata"), true);
    const spec = object.at("spec");
    const schedule = spec.at("schedule");
    if (schedule.isEmpty) schedule.required();
    else judgeSchedule(schedule);
    refuseNegative(spec.at("startingDeadlineSeconds"));
    judgeTimeZone(spec.at("timeZone"));
    allowOnly(spec.at("concurrencyPolicy"), ["Allow", "Forbid", "Replace"]);
    judgeJobTemplate(spec.at("jobTemplate"));
    refuseNegative(spec.at("successfulJobsHistoryLimit"));
    refuseNegative(spec.at("failedJobsHistoryLimit"));
    const name = object.at("metadata", "name");
    if (!prior && name.text.length > NAME_CHARACTERS) {
      name.invalid(`must be no more than ${NAME_CHARACTERS} characters`);
    }
  },
};

function judgeSchedule(schedule: Field): void {
  const problem = findScheduleProblem(schedule.text);
  if (problem !== undefined) schedule.invalid(problem);
  if (schedule.text.includes("TZ")) {
    schedule.invalid("cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
  }
}

function judgeTimeZone(zone: Field): void {
  if (!zone.isSet) return;
  if (zone.text === "") zone.invalid("timeZone must be nil or non-empty string");
  else if (zone.text.toLowerCase() === "local") {
    zone.invalid("timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
  } else if (!isTimeZone(zone.text)) zone.invalid(`unknown time zone ${zone.text}`);
}
