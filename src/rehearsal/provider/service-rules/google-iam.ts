import type { ValueCheck } from "../validation/validate-config";
import type { Value } from "../value";
import type { ServiceRules } from "./service-rules";
import { texts } from "./value-checks";

const member: ValueCheck = texts(
  (text) =>
    !text.startsWith("deleted") &&
    /(.+:.+|projectOwners|projectReaders|projectWriters|allUsers|allAuthenticatedUsers)/.test(text),
  'invalid value "{value}" for {name} (IAM members must have one of the values outlined here: https://cloud.google.com/billing/docs/reference/rest/v1/Policy#Binding)',
);

/** Services that were split up and can't be enabled by their old name. */
const RETIRED_SERVICES = ["bigquery-json.googleapis.com"];

export const googleIam: readonly ServiceRules[] = [
  { types: ["google_*"], values: { member, members: member } },
  {
    types: ["google_project_service"],
    values: {
      service: texts(
        (text) => text.includes(".") && !RETIRED_SERVICES.includes(text),
        "expected {value} to be a domain like serviceusage.googleapis.com",
      ),
    },
  },
  {
    types: ["google_service_account"],
    settled: (change): Record<string, Value> => {
      const [account, project] = ["account_id", "project"].map((name) => change.after.text(name));
      if ((!change.isNew && !change.hasChanged("account_id")) || !account || !project) return {};
      const email = `${account}@${project}.iam.gserviceaccount.com`;
      return { email, member: `serviceAccount:${email}` };
    },
  },
];
