import { walkHome } from "./walked-home";

walkHome("aks");
