/** A container as far as tests look at it. */
export interface InjectedContainer {
  readonly name: string;
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly resources: Readonly<Record<"requests" | "limits", Readonly<Record<"cpu" | "memory", string>>>>;
  readonly securityContext: {
    readonly allowPrivilegeEscalation: boolean;
    readonly capabilities?: { readonly drop: readonly string[] };
    readonly readOnlyRootFilesystem: boolean;
    readonly runAsNonRoot: boolean;
  };
  readonly restartPolicy?: "Always";
}

/** What Dapr's injector was told when it was installed. */
export interface InjectorSettings {
  readonly sidecarDropALLCapabilities?: boolean;
  readonly nativeSidecar?: boolean;
}

/**
 * The sidecar that Dapr's injector makes from a pod's annotations and its own settings, without flags and environment.
 * Held to what the injector's own code makes (`fixtures/dapr-injected-pods.generated.json`).
 *
 * @returns undefined for a pod that asks for no sidecar
 */
export function injectDaprSidecar(
  annotations: Readonly<Record<string, string>>,
  settings: InjectorSettings,
): { readonly container: InjectedContainer; readonly asInitContainer: boolean } | undefined {
  if (annotations["dapr.io/enabled"] !== "true") return undefined;
  const port = (annotation: string, byDefault: number) => Number(annotations[annotation] ?? byDefault);
  const native =
    (annotations["dapr.io/enable-native-sidecar"] ?? String(settings.nativeSidecar ?? false)) === "true";
  const amounts = (kind: "request" | "limit") => ({
    cpu: annotations[`dapr.io/sidecar-cpu-${kind}`] ?? "",
    memory: annotations[`dapr.io/sidecar-memory-${kind}`] ?? "",
  });
  return {
    asInitContainer: native,
    container: {
      name: "daprd",
      ports: [
        { name: "dapr-http", containerPort: 3500 },
        { name: "dapr-grpc", containerPort: port("dapr.io/grpc-port", 50001) },
        { name: "dapr-internal", containerPort: port("dapr.io/internal-grpc-port", 50002) },
        { name: "dapr-metrics", containerPort: port("dapr.io/metrics-port", 9090) },
      ],
      resources: { requests: amounts("request"), limits: amounts("limit") },
      securityContext: {
        ...(settings.sidecarDropALLCapabilities ? { capabilities: { drop: ["ALL"] } } : {}),
        runAsNonRoot: true,
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
      },
      ...(native ? { restartPolicy: "Always" as const } : {}),
    },
  };
}
