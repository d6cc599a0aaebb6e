import type { Rule } from "../rule";
import { cardNamesReachableUrl } from "./card-names-reachable-url";
import { cloudRunBehindTheGateway } from "./cloud-run-behind-the-gateway";
import { deadlineWithinGrace } from "./deadline-within-grace";
import { deadlineWithinHops } from "./deadline-within-hops";
import { invokersCanCall } from "./invokers-can-call";
import { nobodyWaitsForColdStart } from "./nobody-waits-for-cold-start";
import { nothingBesideTheGateway } from "./nothing-beside-the-gateway";
import { nothingBuffersStreams } from "./nothing-buffers-streams";
import { pinnedImages } from "./pinned-images";
import { portsDoNotCollide } from "./ports-do-not-collide";
import { reachableAcrossPlatforms } from "./reachable-across-platforms";
import { replicasInOrder } from "./replicas-in-order";
import { scalerSecretsExist } from "./scaler-secrets-exist";
import { secretsAreReferences } from "./secrets-are-references";
import { secretsExist } from "./secrets-exist";
import { sharedStoreForReplicas } from "./shared-store-for-replicas";
import { skillsAreDistinct } from "./skills-are-distinct";
import { storesInTheirOwnCloud } from "./stores-in-their-own-cloud";
import { trafficAddsUp } from "./traffic-adds-up";
import { variablesAreNames } from "./variables-are-names";
import { vaultsInTheirOwnCloud } from "./vaults-in-their-own-cloud";

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
  cloudRunBehindTheGateway,
  reachableAcrossPlatforms,
  invokersCanCall,
  storesInTheirOwnCloud,
  vaultsInTheirOwnCloud,
];
