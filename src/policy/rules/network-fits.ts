import { environmentRule } from "../rule";

/** @see https://learn.microsoft.com/azure/container-apps/networking#subnet-address-range-restrictions */
export const networkFits = environmentRule("network-fits", ({ azure }) => {
  if (azure?.network?.kind !== "created" || azure.network.cidr === undefined) return [];
  const { cidr } = azure.network;
  const [address = "", length = ""] = cidr.split("/");
  const allowed = "use a private range of /16 to /20 outside 172.30.0.0/15, such as 10.40.0.0/16";
  if (!/^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)/.test(address)) {
    return [
      `azure.network.cidr ${cidr} is public: answers to those addresses would never leave the network; ${allowed}`,
    ];
  }
  if (Number(length) < 16 || Number(length) > 20) {
    return [`azure.network.cidr ${cidr} does not hold the subnets of an environment; ${allowed}`];
  }
  return /^172\.3[01]\./.test(address)
    ? [`azure.network.cidr ${cidr} is among the addresses that Container Apps keeps for itself; ${allowed}`]
    : [];
});
