import type { IPodIdentities } from "./pod-identity";

/** The identity of an agent in a cluster without a cloud around it: its service account. */
export interface ServiceAccountIdentity {
  readonly serviceAccount: string;
  readonly namespace: string;
}

/** Identities of a cluster on its own: service accounts, and Secrets that its owner made. */
export function serviceAccountIdentities(namespace: string): IPodIdentities<ServiceAccountIdentity> {
  return {
    create: (_scope, owner) => ({ serviceAccount: owner.name, namespace }),
    bind: (_scope, _owner, _identity, secrets) => ({
      serviceAccountAnnotations: {},
      podLabels: {},
      variables: {},
      egress: [],
      settling: [],
      secrets: {
        keys: secrets.map(({ variable, vault, id }) => ({ variable, secret: vault, key: id })),
        providerClasses: [],
        readyAfter: [],
      },
    }),
  };
}
