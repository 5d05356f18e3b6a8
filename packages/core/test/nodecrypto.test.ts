import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { holdPrimitivesContract } from "./primitives-contract.ts";

holdPrimitivesContract("node:crypto", nodeCryptoPrimitives);
