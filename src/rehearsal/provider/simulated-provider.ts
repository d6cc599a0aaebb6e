import type { Cloud } from "./cloud";
import type { CloudError } from "./cloud-error";
import type { ObjectValue, Value } from "./value";

/** What a provider configuration comes down to. */
export interface ProviderSettings {
  /** Subscription, project, cluster or tenant. */
  readonly scope: string;
  /** The configuration block. */
  readonly config: ObjectValue;
}

/** What a resource is known by before it exists. */
export interface Subject {
  readonly type: string;
  readonly name: string;
  readonly attributes: ObjectValue;
}

/** What all types of one provider have in common. */
export interface SimulatedProvider {
  readonly name: string;
  /** Whether its resources are things in a cloud. Random values and timestamps live in the state alone. */
  readonly inCloud: boolean;
  /** Whether it is built on Terraform's SDK 2, to which nothing and a zero value are mostly the same. */
  readonly isLegacy: boolean;
  /** Whether ids say where a thing is, so that they are unique over all configurations. */
  readonly idsAreGlobal: boolean;
  /** Whether ids are compared without regard to case. */
  readonly ignoresCase: boolean;
  /** Several types may stand for the same kind of thing. */
  kindOf(type: string): string;
  /** @throws CloudError when the real provider couldn't be configured like that. */
  configure(config: ObjectValue, environment: NodeJS.ProcessEnv): ProviderSettings;
  id(subject: Subject, cloud: Cloud): string;
  /** What identifies a thing for good, where its `id` doesn't. */
  identity?(type: string, state: ObjectValue): string | undefined;
  /** Computed attributes that become unknown when something changes in place. */
  unknownOnUpdate?(prior: ObjectValue, planned: ObjectValue): readonly string[];
  /** Where a thing is, as far as its attributes say it: a subscription, a project. */
  scopeOf?(attributes: ObjectValue): string | undefined;
  /** A value for a computed attribute that no behaviour has filled; undefined to leave it to its name and type. */
  invent?(attribute: string, subject: Subject, cloud: Cloud): Value | undefined;
  alreadyExists(subject: Subject, id: string): CloudError;
  /** What a data source is told that finds nothing; without it, what it finds is made up. */
  readonly notFound?: (type: string, config: ObjectValue, cloud: Cloud) => CloudError;
}
