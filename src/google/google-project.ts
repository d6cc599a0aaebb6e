import { ProjectService } from "@cdktf/provider-google/lib/project-service";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";

/** A Google project, and the region that everything is in. */
export interface IGoogleProject {
  /** Project id. */
  readonly id: string;
  /** Project number: part of every Cloud Run URL. */
  readonly number: string;
  readonly region: string;
  /** Labels on everything. */
  readonly labels: Readonly<Record<string, string>>;
  /** The APIs that have to be enabled before anything is created. */
  readonly readyAfter: readonly ITerraformDependable[];
}

/** APIs that the fleet uses. */
const SERVICES: readonly string[] = [
  "artifactregistry.googleapis.com",
  "cloudtrace.googleapis.com",
  "compute.googleapis.com",
  "dns.googleapis.com",
  "iam.googleapis.com",
  "logging.googleapis.com",
  "monitoring.googleapis.com",
  "redis.googleapis.com",
  "run.googleapis.com",
  "secretmanager.googleapis.com",
  "servicenetworking.googleapis.com",
];

/** APIs that images alone need. */
export const IMAGE_SERVICES: readonly string[] = [
  "artifactregistry.googleapis.com",
  "iam.googleapis.com",
  "secretmanager.googleapis.com",
];

export interface GoogleProjectProps {
  readonly id: string;
  readonly number: string;
  readonly region: string;
  /** Tags, made into labels: lower case, everything but letters, digits, `-` and `_` becomes `-`. @default {} */
  readonly tags?: Readonly<Record<string, string>>;
  /** APIs to enable. @default - all that the fleet uses */
  readonly services?: readonly string[];
  /** Whether budgets are made, which have an API of their own. @default false */
  readonly makesBudgets?: boolean;
  /** Whether there is a server of Cloud SQL, which has an API of its own. @default false */
  readonly keepsDatabases?: boolean;
}

/**
 * A project that exists, with the APIs that the fleet uses enabled. They stay enabled when the fleet is destroyed.
 *
 * The deployer's own project has `serviceusage.googleapis.com` and `cloudresourcemanager.googleapis.com` beforehand:
 * the provider needs them to enable any other.
 */
export class GoogleProject extends Construct implements IGoogleProject {
  /** A project whose APIs somebody else enables. */
  static fromExisting(props: GoogleProjectProps): IGoogleProject {
    const { id, number, region, tags = {} } = props;
    return { id, number, region, labels: labelsOf(tags), readyAfter: [] };
  }

  readonly id: string;
  readonly number: string;
  readonly region: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly readyAfter: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: GoogleProjectProps) {
    super(scope, id);
    this.id = props.id;
    this.number = props.number;
    this.region = props.region;
    this.labels = labelsOf(props.tags ?? {});
    const services = [
      ...(props.services ?? SERVICES),
      ...(props.makesBudgets === true ? ["billingbudgets.googleapis.com"] : []),
      ...(props.keepsDatabases === true ? ["sqladmin.googleapis.com"] : []),
    ];
    this.readyAfter = services.map(
      (service) =>
        new ProjectService(this, service.split(".")[0] as string, {
          project: props.id,
          service,
          // The provider's default would switch the API off for everybody in the project.
          disableOnDestroy: false,
          disableDependentServices: false,
        }),
    );
  }
}

/** @see https://cloud.google.com/resource-manager/docs/labels-overview#requirements */
export function labelsOf(tags: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(tags).map(([key, value]) => [
      // A key starts with a letter, a value with anything.
      labelText(key).replace(/^[^a-z]+/, ""),
      labelText(value),
    ]),
  );
}

/** A text within what labels allow. */
export function labelText(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, "-")
    .slice(0, 63);
}
