import { environmentRule } from "../../../environment/rule";

/** @see https://learn.microsoft.com/azure/container-apps/networking#subnet-address-range-restrictions */
export const networkFits = environmentRule("network-fits", ({ azure }) => {
  if (azure?.network?.kind !== "created" || azure.network.cidr === undefined) return [];
  const { cidr } = azure.network;
  const allowed = "use a private range outside 172.30.0.0/15, such as 10.40.0.0/16";
  if (!/^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)/.test(cidr)) {
    return [
      `azure.network.cidr ${cidr} is public: answers to those addresses would never leave the network; ${allowed}`,
    ];
  }
  return /^172\.3[01]\./.test(cidr)
    ? [`azure.network.cidr ${cidr} is among the addresses that Container Apps keeps for itself; ${allowed}`]
    : [];
});
