import { accessControlNeedsKubernetes } from "../../azure/facts/rules/access-control-needs-kubernetes";
import { networkFits } from "../../azure/facts/rules/network-fits";
import { nodesHoldAgents } from "../../azure/facts/rules/nodes-hold-agents";
import { reachIsReal } from "../../azure/facts/rules/reach-is-real";
import { storeRetires } from "../../azure/facts/rules/store-retires";
import { storeSizeExists } from "../../azure/facts/rules/store-size-exists";
import { storeSurvivesRestart } from "../../azure/facts/rules/store-survives-restart";
import { vaultRangesArePublic } from "../../azure/facts/rules/vault-ranges-are-public";
import { daprIsSafe } from "../../cluster/facts/rules/dapr-is-safe";
import { edgeRetires } from "../../cluster/facts/rules/edge-retires";
import { keycloakKeepsItsData } from "../../cluster/facts/rules/keycloak-keeps-its-data";
import { meshMetricsPortIsFree } from "../../cluster/facts/rules/mesh-metrics-port-is-free";
import type { Rule } from "../../environment/rule";
import { cloudRunBehindTheGateway } from "../../google/facts/rules/cloud-run-behind-the-gateway";
import { invokersCanCall } from "../../google/facts/rules/invokers-can-call";
import { mappedAgentsExist } from "../../google/facts/rules/mapped-agents-exist";
import { agentsAreWatched } from "./agents-are-watched";
import { apiKeysNeedEntra } from "./api-keys-need-entra";
import { callersAreAuthenticated } from "./callers-are-authenticated";
import { callersExist } from "./callers-exist";
import { cardNamesReachableUrl } from "./card-names-reachable-url";
import { cloudRunReachesItsStore } from "./cloud-run-reaches-its-store";
import { corsOriginsAreOrigins } from "./cors-origins-are-origins";
import { deadlineWithinGrace } from "./deadline-within-grace";
import { deadlineWithinHops } from "./deadline-within-hops";
import { deadlineWithinRequestTimeout } from "./deadline-within-request-timeout";
import { egressSparesMetadata } from "./egress-spares-metadata";
import { externalAgentsAreDistinct } from "./external-agents-are-distinct";
import { gatewayKnowsCallers } from "./gateway-knows-callers";
import { gatewayTierFits } from "./gateway-tier";
import { hostsAreFound } from "./hosts-are-found";
import { imagesHaveReferences } from "./images-have-references";
import { logsTellDurations } from "./logs-tell-durations";
import { modelHasGateway } from "./model-has-gateway";
import { nobodyWaitsForColdStart } from "./nobody-waits-for-cold-start";
import { nothingBesideTheGateway } from "./nothing-beside-the-gateway";
import { nothingBuffersStreams } from "./nothing-buffers-streams";
import { orphansAreFound } from "./orphans-are-found";
import { partsFitPlatform } from "./parts-fit-platform";
import { pinnedImages } from "./pinned-images";
import { portsDoNotCollide } from "./ports-do-not-collide";
import { productionKeepsTasks } from "./production-keeps-tasks";
import { reachableAcrossPlatforms } from "./reachable-across-platforms";
import { replicasInOrder } from "./replicas-in-order";
import { requestsWakeReplicas } from "./requests-wake-replicas";
import { resumedTasksAreShared } from "./resumed-tasks-are-shared";
import { scalerSecretsExist } from "./scaler-secrets-exist";
import { secretsAreNotTheFleets } from "./secrets-are-not-the-fleets";
import { secretsAreReferences } from "./secrets-are-references";
import { secretsExist } from "./secrets-exist";
import { sharedStoreForReplicas } from "./shared-store-for-replicas";
import { skillRolesAreTheirOwn } from "./skill-roles-are-their-own";
import { skillRolesHaveIssuer } from "./skill-roles-have-issuer";
import { skillsAreDistinct } from "./skills-are-distinct";
import { somebodyIsTold } from "./somebody-is-told";
import { telemetrySpeaksHttp } from "./telemetry-speaks-http";
import { tenantIsEntra } from "./tenant-is-entra";
import { tokensAreShort } from "./tokens-are-short";
import { trafficAddsUp } from "./traffic-adds-up";
import { variablesAreNames } from "./variables-are-names";
import { variablesFit } from "./variables-fit";
import { variablesHaveValues } from "./variables-have-values";

/** Every rule of the fleet. */
export const rules: readonly Rule[] = [
  sharedStoreForReplicas,
  productionKeepsTasks,
  resumedTasksAreShared,
  deadlineWithinHops,
  deadlineWithinGrace,
  deadlineWithinRequestTimeout,
  orphansAreFound,
  nothingBuffersStreams,
  nothingBesideTheGateway,
  reachIsReal,
  nobodyWaitsForColdStart,
  requestsWakeReplicas,
  cardNamesReachableUrl,
  replicasInOrder,
  secretsAreReferences,
  secretsExist,
  secretsAreNotTheFleets,
  scalerSecretsExist,
  variablesAreNames,
  variablesHaveValues,
  variablesFit,
  modelHasGateway,
  hostsAreFound,
  egressSparesMetadata,
  externalAgentsAreDistinct,
  skillsAreDistinct,
  skillRolesHaveIssuer,
  portsDoNotCollide,
  trafficAddsUp,
  imagesHaveReferences,
  pinnedImages,
  daprIsSafe,
  meshMetricsPortIsFree,
  accessControlNeedsKubernetes,
  cloudRunBehindTheGateway,
  reachableAcrossPlatforms,
  invokersCanCall,
  mappedAgentsExist,
  cloudRunReachesItsStore,
  gatewayTierFits,
  callersAreAuthenticated,
  tokensAreShort,
  gatewayKnowsCallers,
  keycloakKeepsItsData,
  apiKeysNeedEntra,
  callersExist,
  skillRolesAreTheirOwn,
  partsFitPlatform,
  storeSurvivesRestart,
  storeSizeExists,
  storeRetires,
  edgeRetires,
  tenantIsEntra,
  networkFits,
  nodesHoldAgents,
  vaultRangesArePublic,
  corsOriginsAreOrigins,
  telemetrySpeaksHttp,
  somebodyIsTold,
  agentsAreWatched,
  logsTellDurations,
];
