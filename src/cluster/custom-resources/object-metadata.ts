/** Metadata of a Kubernetes object. */
export interface ObjectMetadata {
  readonly name: string;
  /** @default - the namespace of the release that it comes with; none for cluster-wide kinds */
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A key of a Secret in the resource's own namespace. */
export interface SecretKey {
  readonly name: string;
  readonly key: string;
}
