/** A CronJob as `kubectl get cronjob -o json` prints it, as far as a restore needs it. */
export interface RestoreCronJob {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    readonly jobTemplate: {
      readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
      readonly spec: {
        readonly template: {
          readonly spec: {
            readonly initContainers?: readonly Container[];
            readonly containers: readonly Container[];
          };
        };
      };
    };
  };
}

interface Container {
  readonly name: string;
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
}

export interface RestoreOptions {
  /** Name of the backup (`20261121T021700Z`), or `latest`. */
  readonly backup: string;
  /** Whether what the store holds is lost. */
  readonly replace: boolean;
  /** When the restore was asked for: names the job. */
  readonly now: Date;
}

/** The job that restores: the template of the CronJob that is never due, told which backup and how. */
export function restoreJob({ metadata, spec }: RestoreCronJob, { backup, replace, now }: RestoreOptions) {
  const { jobTemplate } = spec;
  const { template } = jobTemplate.spec;
  const told = new Map([
    ["RESTORE", backup],
    ["REPLACE", replace ? "yes" : "no"],
  ]);
  const tell = (container: Container): Container => ({
    ...container,
    env: (container.env ?? []).map((variable) => {
      const value = told.get(variable.name);
      return value === undefined ? variable : { name: variable.name, value };
    }),
  });
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: `${metadata.name}-${Math.floor(now.getTime() / 1000)}`,
      namespace: metadata.namespace,
      labels: jobTemplate.metadata?.labels ?? {},
    },
    spec: {
      ...jobTemplate.spec,
      template: {
        ...template,
        spec: {
          ...template.spec,
          initContainers: (template.spec.initContainers ?? []).map(tell),
          containers: template.spec.containers.map(tell),
        },
      },
    },
  };
}
