import { z } from "zod";

/**
 * A region of the public Azure, as Azure writes it: `westeurope`, or `West Europe`.
 *
 * @see https://learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure#guidance-for-developers
 */
export const azureRegion = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9]*(?: [A-Za-z0-9]+)*$/,
    "is no region as Azure writes it; use a name such as westeurope",
  )
  .refine((name) => !/^(usgov|usdod|china)/i.test(name.replaceAll(" ", "")), {
    error:
      "is in a cloud of its own (Azure Government, or Azure in China), with other addresses of every service than the fleet knows; use a region of the public Azure",
  });

/** @see https://learn.microsoft.com/azure/virtual-machines/vm-naming-conventions */
export const vmSize = z
  .string()
  .regex(
    /^Standard_[A-Z]+\d+[A-Za-z0-9_-]*$/,
    "is no size of a virtual machine; write it as Azure does: Standard_D4ds_v5",
  );

/** @see https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftcontainerservice */
export const clusterName = z
  .string()
  .regex(
    /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$/,
    "is no name of an AKS cluster; use at most 63 letters, digits, '_' and '-', starting and ending with a letter or digit",
  );
