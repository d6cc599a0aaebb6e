import { walkHome } from "./walked-home";

walkHome("cluster");
