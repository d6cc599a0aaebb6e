import type { SimulatedProvider } from "../simulated-provider";
import { azuread } from "./azuread";
import { azurerm } from "./azurerm";
import { google } from "./google";
import { helm } from "./helm";
import { kubernetes } from "./kubernetes";
import { random, time } from "./state-only";

/** The providers that are simulated. */
export const simulatedProviders: readonly SimulatedProvider[] = [
  azurerm,
  azuread,
  google,
  kubernetes,
  helm,
  random,
  time,
];
