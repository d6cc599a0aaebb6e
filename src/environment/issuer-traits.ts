import type { TokenIssuer } from "../agent/token-issuer";
import type { ChoiceTraits, Kinded } from "./choice-traits";
import type { Environment } from "./environment";

/** What the core has to know of a kind of identity provider. */
export interface IssuerTraits<Settings extends Kinded = Kinded> extends ChoiceTraits<Settings> {
  /** Whether the fleet makes clients and roles at it, so that callers can be named in its settings. */
  readonly hasClients: boolean;
  /** Why its tokens live longer than 15 minutes, and who can do what about it; null where the fleet sees to it, or its owner. */
  readonly longTokens: string | null;
  /** Whether a gateway gets tokens from it as itself: what callers with API keys are let through with. */
  readonly knowsGateways: boolean;
  /** Whether the environment's tenant is part of its addresses. */
  readonly isTenant: boolean;
  /** Why nothing of an environment is it, or reaches it, and what to do; undefined where all is well. */
  withoutHome(environment: Environment): string | undefined;
  /** Addresses that exist before anything is deployed. */
  tokenIssuer(settings: Settings, environment: Environment, hosts: IssuerHosts): TokenIssuer;
}

/** Hosts below which an issuer of the environment's own is found. */
export interface IssuerHosts {
  /** Of the cluster's edge, where the issuer runs in the cluster; otherwise null. */
  readonly edge: string | null;
  /** Of the gateway; null without one. */
  readonly gateway: string | null;
  /** Default domain of the Container Apps environment. May be a Terraform reference. */
  readonly apps: string;
}
