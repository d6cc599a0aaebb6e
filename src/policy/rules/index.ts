import type { Rule } from "../rule";
import { apiKeysNeedEntra } from "./api-keys-need-entra";
import { appNamesAreFree } from "./app-names-are-free";
import { callersExist } from "./callers-exist";
import { cardNamesReachableUrl } from "./card-names-reachable-url";
import { deadlineWithinGrace } from "./deadline-within-grace";
import { deadlineWithinHops } from "./deadline-within-hops";
import { entraKnowsTheTenant } from "./entra-knows-the-tenant";
import { gatewayKnowsCallers } from "./gateway-knows-callers";
import { gatewayTierFits } from "./gateway-tier";
import { keycloakKeepsItsData } from "./keycloak-keeps-its-data";
import { nobodyWaitsForColdStart } from "./nobody-waits-for-cold-start";
import { nothingBesideTheGateway } from "./nothing-beside-the-gateway";
import { nothingBuffersStreams } from "./nothing-buffers-streams";
import { pinnedImages } from "./pinned-images";
import { portsDoNotCollide } from "./ports-do-not-collide";
import { replicasInOrder } from "./replicas-in-order";
import { scalerSecretsExist } from "./scaler-secrets-exist";
import { secretsAreReferences } from "./secrets-are-references";
import { secretsExist } from "./secrets-exist";
import { sharedStoreForReplicas } from "./shared-store-for-replicas";
import { skillRolesAreTheirOwn } from "./skill-roles-are-their-own";
import { skillsAreDistinct } from "./skills-are-distinct";
import { trafficAddsUp } from "./traffic-adds-up";
import { variablesAreNames } from "./variables-are-names";

/** Every rule of the fleet. */
export const rules: readonly Rule[] = [
  sharedStoreForReplicas,
  deadlineWithinHops,
  deadlineWithinGrace,
  nothingBuffersStreams,
  nothingBesideTheGateway,
  nobodyWaitsForColdStart,
  cardNamesReachableUrl,
  replicasInOrder,
  secretsAreReferences,
  secretsExist,
  scalerSecretsExist,
  variablesAreNames,
  portsDoNotCollide,
  skillsAreDistinct,
  trafficAddsUp,
  pinnedImages,
  gatewayTierFits,
  gatewayKnowsCallers,
  keycloakKeepsItsData,
  entraKnowsTheTenant,
  apiKeysNeedEntra,
  callersExist,
  skillRolesAreTheirOwn,
  appNamesAreFree,
];
