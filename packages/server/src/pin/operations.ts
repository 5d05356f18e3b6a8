import type { StepColumn } from "../context/index.ts";
import { pinGenerate } from "./generate-pin.ts";
import { pinVerify } from "./verify-operation.ts";

/** The issuer API's own columns of the step table. */
export const pinOperations: readonly StepColumn[] = [pinGenerate, pinVerify];
