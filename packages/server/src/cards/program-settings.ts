import { type PinPolicy, solarisPinPolicy } from "@linchpin/core";
import { defaultChangesPerDay, type Program } from "@linchpin/store";
import Type from "typebox";

// The members of a program's settings in the issuer API and in the database keep their names (`triesAllowed`,
// `chipKeepsPin`, `formerPins`). This file alone knows both these names and the ones that the server uses.

type StoredPinPolicy = Omit<PinPolicy, "pinHistory"> & { readonly formerPins: number };

/** All settings of a program, as the issuer API shows them and the database stores them. */
export interface StoredProgramSettings {
  readonly policy: StoredPinPolicy;
  readonly triesAllowed: number;
  readonly changeUnblocks: boolean;
  readonly chipKeepsPin: boolean;
  /**
   * How many requests a day (UTC) to change one card's PIN are compared with its PIN history, whatever comes of them.
   * Where the policy keeps no history, changes are not counted. The store reads this member by its name.
   */
  readonly changesPerDay: number;
  /** Whether the native protocol changes the PIN by a code alone, for persons without a device. Absent: no. */
  readonly changeByCode?: boolean;
  /**
   * Whether the native protocol, once the card has a PIN, binds a device to its person only with the present PIN of the
   * card that the device is bound by, whichever of the person's that is. Absent: no.
   */
  readonly presentPinToBind?: boolean;
  /** Whether the cards are closed to every protocol but the native one, in which a malicious relay learns nothing. Absent: no. */
  readonly nativeOnly?: boolean;
}

export const defaultProgramSettings: StoredProgramSettings = {
  policy: storedPolicyOf(solarisPinPolicy),
  triesAllowed: 3,
  changeUnblocks: true,
  chipKeepsPin: false,
  changesPerDay: defaultChangesPerDay,
};

/** The PIN rules of a card program. */
export interface ProgramSettings {
  readonly policy: PinPolicy;
  /** The PIN try limit: how many wrong PINs in a row block the PIN. */
  readonly tryLimit: number;
  /** Whether a PIN change unblocks a blocked PIN. */
  readonly changeUnblocks: boolean;
  /** Whether the chip holds a copy of the PIN for offline verification, which is updated when `chip-synced` is reported. */
  readonly offlinePin: boolean;
  readonly changeByCode: boolean;
  readonly presentPinToBind: boolean;
  readonly nativeOnly: boolean;
}

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
    changesPerDay: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    changeByCode: Type.Optional(Type.Boolean()),
    presentPinToBind: Type.Optional(Type.Boolean()),
    nativeOnly: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
export type ProgramSettingsPatch = Type.Static<typeof ProgramSettingsPatch>;

export function completeProgramSettings(patch: ProgramSettingsPatch): StoredProgramSettings {
  return { ...defaultProgramSettings, ...patch, policy: { ...defaultProgramSettings.policy, ...patch.policy } };
}

/** A program that was stored by an earlier version may lack members that were added since: they have their defaults. */
export function storedSettingsOf(program: Program): StoredProgramSettings {
  return completeProgramSettings(program.settings as ProgramSettingsPatch);
}

export function settingsOf(program: Program): ProgramSettings {
  const { policy, triesAllowed, chipKeepsPin, ...others } = storedSettingsOf(program);
  const { changeUnblocks, changeByCode = false, presentPinToBind = false, nativeOnly = false } = others;
  return {
    policy: policyOf(policy),
    tryLimit: triesAllowed,
    changeUnblocks,
    offlinePin: chipKeepsPin,
    changeByCode,
    presentPinToBind,
    nativeOnly,
  };
}

function storedPolicyOf({ pinHistory, ...rules }: PinPolicy): StoredPinPolicy {
  return { ...rules, formerPins: pinHistory };
}

function policyOf({ formerPins, ...rules }: StoredPinPolicy): PinPolicy {
  return { ...rules, pinHistory: formerPins };
}
