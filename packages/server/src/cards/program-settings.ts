import { type PinPolicy, solarisPinPolicy } from "@linchpin/core";
import type { Program } from "@linchpin/store";
import Type from "typebox";

/** The rules of a card program, as the issuer API takes and the store keeps them. */
export interface ProgramSettings {
  readonly policy: PinPolicy;
  /** Wrong PINs in a row until the PIN is blocked. */
  readonly triesAllowed: number;
  /** Whether a PIN change unblocks a blocked PIN. */
  readonly changeUnblocks: boolean;
  /** Whether the chip holds the PIN too, and is behind until `chip-synced` is reported. */
  readonly chipKeepsPin: boolean;
}

export const defaultProgramSettings: ProgramSettings = {
  policy: solarisPinPolicy,
  triesAllowed: 3,
  changeUnblocks: true,
  chipKeepsPin: false,
};

/** What the issuer API takes: every member may be left out. */
export const ProgramSettingsPatch = Type.Object(
  {
    policy: Type.Optional(
      Type.Object(
        {
          minLength: Type.Optional(Type.Integer({ minimum: 4, maximum: 12 })),
          maxLength: Type.Optional(Type.Integer({ minimum: 4, maximum: 12 })),
          sequences: Type.Optional(Type.Enum(["refuse_up_and_down", "refuse_any_order", "allow"])),
          wrapAround: Type.Optional(Type.Boolean()),
          maxSameDigit: Type.Optional(Type.Integer({ minimum: 1, maximum: 12 })),
          denyList: Type.Optional(Type.Array(Type.String({ pattern: "^[0-9]{4,12}$" }), { maxItems: 10_000 })),
          formerPins: Type.Optional(Type.Integer({ minimum: 0, maximum: 24 })),
        },
        { additionalProperties: false },
      ),
    ),
    triesAllowed: Type.Optional(Type.Integer({ minimum: 1, maximum: 10 })),
    changeUnblocks: Type.Optional(Type.Boolean()),
    chipKeepsPin: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
export type ProgramSettingsPatch = Type.Static<typeof ProgramSettingsPatch>;

export function completeProgramSettings(patch: ProgramSettingsPatch): ProgramSettings {
  return { ...defaultProgramSettings, ...patch, policy: { ...defaultProgramSettings.policy, ...patch.policy } };
}

/** What an earlier version stored may lack a member that came since. */
export function settingsOf(program: Program): ProgramSettings {
  return completeProgramSettings(program.settings as ProgramSettingsPatch);
}
