import type { FastifyInstance } from "fastify";
import type { House } from "../../house.ts";

export async function solarisMobileNumbers(_app: FastifyInstance, _options: { house: House }): Promise<void> {}
