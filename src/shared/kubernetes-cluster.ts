export interface IKubernetesCluster { readonly oidcIssuerUrl: string }
