import { type CallerProgram, LONGEST_JOB_SECONDS } from "../../verify/caller-place";

/** A Cloud Run service as its API describes it, as far as a job in its place needs it. */
export interface ServiceObject {
  readonly labels?: Readonly<Record<string, string>>;
  readonly binaryAuthorization?: object;
  readonly template: {
    readonly serviceAccount?: string;
    readonly vpcAccess?: object;
    readonly encryptionKey?: string;
    readonly executionEnvironment?: string;
    readonly volumes?: readonly { readonly name: string }[];
    readonly containers: readonly ContainerObject[];
  };
}

interface ContainerObject {
  readonly name?: string;
  readonly ports?: readonly object[];
  readonly env?: readonly object[];
  readonly volumeMounts?: readonly { readonly name: string }[];
}

/**
 * A job that is to everybody else what a service's instances are: their service account, way out, variables, secrets and
 * files. Nobody is sent to it, and nothing but a command starts it.
 *
 * @see https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.jobs#Job
 */
export function callerJob(service: ServiceObject, { image, command, variables }: CallerProgram) {
  const { labels, binaryAuthorization, template } = service;
  const {
    serviceAccount,
    vpcAccess,
    encryptionKey,
    executionEnvironment,
    volumes = [],
    containers,
  } = template;
  // Sidecars have no port.
  const agent = containers.find(({ ports }) => ports !== undefined) ?? containers[0];
  const mounted = new Set(agent?.volumeMounts?.map(({ name }) => name));
  const [program, ...args] = command;
  return {
    // Google's own are not for others to set.
    labels: Object.fromEntries(Object.entries(labels ?? {}).filter(([name]) => !name.startsWith("goog-"))),
    ...given({ binaryAuthorization }),
    template: {
      taskCount: 1,
      template: {
        ...given({ serviceAccount, vpcAccess, encryptionKey, executionEnvironment }),
        maxRetries: 0,
        timeout: `${LONGEST_JOB_SECONDS}s`,
        volumes: volumes.filter(({ name }) => mounted.has(name)),
        containers: [
          {
            image,
            command: [program],
            args,
            env: [
              ...(agent?.env ?? []),
              ...Object.entries(variables).map(([name, value]) => ({ name, value })),
            ],
            volumeMounts: agent?.volumeMounts ?? [],
            resources: { limits: { cpu: "1", memory: "512Mi" } },
          },
        ],
      },
    },
  };
}

/** What there is of some properties. */
function given(properties: Readonly<Record<string, unknown>>) {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined));
}
