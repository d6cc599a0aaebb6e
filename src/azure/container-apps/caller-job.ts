import { type CallerProgram, LONGEST_JOB_SECONDS } from "../../verify/caller-place";

/** A container app as Resource Manager describes it, as far as a job in its place needs it. */
export interface ContainerAppObject {
  readonly location: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly identity?: {
    readonly type: string;
    readonly userAssignedIdentities?: Readonly<Record<string, object>>;
  };
  readonly properties: {
    readonly environmentId: string;
    readonly workloadProfileName?: string;
    readonly configuration?: {
      readonly secrets?: readonly object[];
      readonly registries?: readonly object[];
      readonly dapr?: { readonly enabled?: boolean } | null;
    };
    readonly template: { readonly containers: readonly ContainerObject[] };
  };
}

interface ContainerObject {
  readonly name: string;
  readonly env?: readonly object[];
}

/** Name of the job's one container. */
export const CALLER_CONTAINER = "verify";

/**
 * A job of the same Container Apps environment that is to everybody else what an app is: its identities, registries,
 * secrets and variables. It has no ingress, so nobody is sent to it, and nothing but a command starts it.
 *
 * @see https://learn.microsoft.com/rest/api/containerapps/jobs/create-or-update
 */
export function callerJob(
  name: string,
  app: ContainerAppObject,
  { image, command, variables }: CallerProgram,
) {
  const { location, tags, identity, properties } = app;
  const { environmentId, workloadProfileName, configuration, template } = properties;
  const agent = template.containers.find((container) => container.name === name) ?? template.containers[0];
  const [program, ...args] = command;
  return {
    location,
    ...(tags === undefined ? {} : { tags }),
    ...(identity === undefined
      ? {}
      : {
          identity: {
            type: identity.type,
            // What Azure knows of them is not for it to be told.
            userAssignedIdentities: Object.fromEntries(
              Object.keys(identity.userAssignedIdentities ?? {}).map((id) => [id, {}]),
            ),
          },
        }),
    properties: {
      environmentId,
      ...(workloadProfileName ? { workloadProfileName } : {}),
      configuration: {
        triggerType: "Manual",
        manualTriggerConfig: { parallelism: 1, replicaCompletionCount: 1 },
        replicaTimeout: LONGEST_JOB_SECONDS,
        replicaRetryLimit: 0,
        secrets: configuration?.secrets ?? [],
        registries: configuration?.registries ?? [],
      },
      template: {
        containers: [
          {
            name: CALLER_CONTAINER,
            image,
            command: [program],
            args,
            env: [
              ...(agent?.env ?? []),
              ...Object.entries(variables).map(([variable, value]) => ({ name: variable, value })),
            ],
            // A size that every profile has.
            resources: { cpu: 0.5, memory: "1Gi" },
          },
        ],
      },
    },
  };
}
