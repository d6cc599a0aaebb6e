import type { SimulatedProvider } from "../simulated-provider";
import { azurerm } from "./azurerm";

/** The providers that are simulated, in no particular order. */
export const simulatedProviders: readonly SimulatedProvider[] = [azurerm];
