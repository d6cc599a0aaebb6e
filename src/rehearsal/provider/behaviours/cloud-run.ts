import type { Behaviour, Change } from "../behaviour";
import type { Cloud } from "../cloud";
import { CloudError } from "../cloud-error";
import { at, blocksAt, textAt } from "../value";
import { projectNumber } from "./who-am-i";

/** A first revision whose secrets or image aren't there fails; the service exists, tainted. */
export const cloudRunService: Behaviour = {
  types: ["google_cloud_run_v2_service"],
  beforeCreate: (change) => checkRevision(change),
  beforeUpdate: (change) => checkRevision(change),
  unknownOnUpdate: () => [
    "latest_created_revision",
    "latest_ready_revision",
    "etag",
    "generation",
    "update_time",
  ],
  computed({ cloud, id, name, attributes }) {
    const [, project = "", , location = ""] = id.split("/");
    const uri = `https://${name}-${projectNumber(cloud, project)}.${location}.run.app`;
    const revision = `${id}/revisions/${name}-${cloud.hash(id, String(cloud.ledger.now)).slice(0, 5)}`;
    return {
      uri: `https://${name}-${cloud.hash(id).slice(0, 10)}-${location.slice(0, 2)}.a.run.app`,
      urls: [uri],
      latest_created_revision: revision,
      latest_ready_revision: revision,
      generation: "1",
      observed_generation: "1",
      reconciling: false,
      ingress: "INGRESS_TRAFFIC_ALL",
      launch_stage: "GA",
      "template.service_account": `${projectNumber(cloud, project)}-compute@developer.gserviceaccount.com`,
      "template.timeout": "300s",
      "template.max_instance_request_concurrency": 80,
      "template.containers.ports.name": "http1",
      "template.containers.resources.limits":
        at(attributes, "template.0.containers.0.resources.0.limits") ?? {},
    };
  },
};

function checkRevision({ cloud, id, attributes, prior }: Change): void {
  const [, project = ""] = id.split("/");
  const fail = (message: string) =>
    new CloudError(
      `Error waiting to ${prior ? "update" : "create"} Service: Error waiting for ${prior ? "Updating" : "Creating"} Service: Error code 9, message: Revision is not ready and cannot serve traffic. ${message}`,
      "",
      prior ? "nothing" : "tainted",
    );
  const account = textAt(attributes, "template.0.service_account");
  for (const container of blocksAt(attributes, "template.0.containers")) {
    const image = textAt(container, "image") ?? "";
    if (cloud.scenario.missingImages.includes(image)) throw fail(`Image '${image}' not found.`);
    for (const variable of blocksAt(container, "env")) {
      for (const reference of blocksAt(variable, "value_source.0.secret_key_ref")) {
        const secret = textAt(reference, "secret") ?? "";
        const problem = findSecretProblem(
          cloud,
          secretId(secret, project),
          textAt(reference, "version"),
          account,
        );
        if (problem) throw fail(`spec.template.spec.containers[0].env: ${problem}`);
      }
    }
  }
}

function secretId(reference: string, project: string): string {
  return reference.includes("/") ? reference : `projects/${project}/secrets/${reference}`;
}

function findSecretProblem(
  cloud: Cloud,
  id: string,
  version: string | undefined,
  account: string | undefined,
): string | undefined {
  const name = `${id}/versions/${version ?? "latest"}`;
  if (!cloud.find("google_secret_manager_secret", id)) return `Secret ${name} was not found`;
  const versions = cloud
    .ofType("google_secret_manager_secret_version")
    .filter(({ attributes }) => textAt(attributes, "secret") === id)
    .map(({ attributes }) => textAt(attributes, "version"));
  const isThere =
    version === undefined || version === "latest" ? versions.length > 0 : versions.includes(version);
  if (!isThere) return `Secret ${name} was not found`;
  const member = `serviceAccount:${account ?? ""}`;
  const isGranted = cloud
    .ofType(
      "google_secret_manager_secret_iam_member",
      "google_project_iam_member",
      "google_secret_manager_secret_iam_binding",
    )
    .some(({ attributes }) => {
      const members = [
        textAt(attributes, "member"),
        ...((attributes.members as readonly string[] | null) ?? []),
      ];
      const isOnSecret = textAt(attributes, "secret_id");
      return (
        textAt(attributes, "role") === "roles/secretmanager.secretAccessor" &&
        members.includes(member) &&
        (isOnSecret === undefined || isOnSecret === id || isOnSecret === id.split("/").at(-1))
      );
    });
  return isGranted
    ? undefined
    : `Permission denied on secret: ${name} for Revision service account ${account ?? ""}. The service account used must be granted the 'Secret Manager Secret Accessor' role (roles/secretmanager.secretAccessor) at the secret, project or higher level.`;
}
