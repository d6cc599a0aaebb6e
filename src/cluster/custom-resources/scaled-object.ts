import type { ObjectMetadata, SecretKey } from "./object-metadata";

/**
 * KEDA's scaler of one Deployment.
 *
 * @see https://keda.sh/docs/latest/reference/scaledobject-spec/
 */
export interface ScaledObject {
  readonly apiVersion: "keda.sh/v1alpha1";
  readonly kind: "ScaledObject";
  readonly metadata: ObjectMetadata;
  readonly spec: {
    readonly scaleTargetRef: {
      readonly name: string;
      readonly kind?: string;
      readonly apiVersion?: string;
      readonly envSourceContainerName?: string;
    };
    readonly minReplicaCount: number;
    readonly maxReplicaCount: number;
    /** Seconds between two looks at the triggers. */
    readonly pollingInterval?: number;
    /** Seconds after the last active trigger before it scales to zero. */
    readonly cooldownPeriod?: number;
    readonly idleReplicaCount?: number;
    readonly fallback?: {
      readonly failureThreshold: number;
      readonly replicas: number;
      readonly behavior?: "static" | "currentReplicas" | "currentReplicasIfHigher" | "currentReplicasIfLower";
    };
    readonly advanced?: {
      readonly restoreToOriginalReplicaCount?: boolean;
      readonly horizontalPodAutoscalerConfig?: {
        readonly name?: string;
        readonly behavior?: ScalingBehavior;
      };
    };
    readonly triggers: readonly ScaleTrigger[];
  };
}

/** How fast replicas come and go. */
export interface ScalingBehavior {
  readonly scaleUp?: ScalingDirection;
  readonly scaleDown?: ScalingDirection;
}

/**
 * How fast replicas come, or go: each policy allows a number or a share of them in a period, of at most 1,800 seconds.
 *
 * @see https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#scaling-policies
 */
export interface ScalingDirection {
  readonly stabilizationWindowSeconds: number;
  readonly selectPolicy: "Max" | "Min" | "Disabled";
  readonly policies: readonly {
    readonly type: "Pods" | "Percent";
    readonly value: number;
    readonly periodSeconds: number;
  }[];
}

/** What KEDA scales on: a scaler, and its metadata. @see https://keda.sh/docs/latest/scalers/ */
export interface ScaleTrigger {
  readonly type: string;
  readonly name?: string;
  /** KEDA takes strings only: numbers and booleans are refused by the API server. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly metricType?: "AverageValue" | "Value" | "Utilization";
  readonly useCachedMetrics?: boolean;
  readonly authenticationRef?: {
    readonly name: string;
    readonly kind?: "TriggerAuthentication" | "ClusterTriggerAuthentication";
  };
}

/** How KEDA logs in to what a trigger asks. */
export interface TriggerAuthentication {
  readonly apiVersion: "keda.sh/v1alpha1";
  readonly kind: "TriggerAuthentication";
  readonly metadata: ObjectMetadata;
  readonly spec: {
    readonly podIdentity?: {
      readonly provider: "azure-workload" | "gcp" | "none";
      readonly identityId?: string;
      readonly identityTenantId?: string;
    };
    readonly secretTargetRef?: readonly (SecretKey & { readonly parameter: string })[];
  };
}
