import type { Pin, SigningKey } from "@linchpin/core";
import type { RootPins } from "@linchpin/protocols/issuer-keys/device";
import type { NativePrimitives } from "@linchpin/protocols/native/layout";
import type { DeviceKeys } from "./device-keys.ts";
import type { Way } from "./exchange.ts";

/** What a bound device keeps. */
export interface NativeBinding {
  /** The issuer's origin. */
  readonly iss: string;
  /** The person, as the issuer names them. No other one's session is accepted. */
  readonly sub: string;
  /** By which the issuer names the device: RFC 7638 of its key. */
  readonly thumbprint: string;
  /** The highest number of a manifest that was seen. */
  readonly seq: number;
  readonly key: SigningKey;
}

export interface OfCard extends Way {
  /** The issuer's origin and its roots. They come with the app, or from the operator's own origin; never by the relay. */
  readonly pins: RootPins;
  /** One person's device: what is kept there stands under the issuer's name. */
  readonly keys: DeviceKeys<NativeBinding>;
  /** As the partner names it. */
  readonly card: string;
  /** Default: the platform's WebCrypto. */
  readonly primitives?: NativePrimitives;
  /** It may be wrong: the issuer's signed time counts where it is later. */
  readonly clock?: () => Date;
}

/** What the issuer says an operation is for. The person must see it: the relay chose the card. */
export interface ShownSession {
  readonly holder: string;
  readonly last4: string;
  readonly program: string;
  /** Where the code went, masked. */
  readonly to?: string | undefined;
  /** Whether the present PIN is asked for too, to bind a device. */
  readonly asksPresentPin: boolean;
}

export interface Confirmed {
  /** Shows whose card it is, and resolves to whether the person goes on. */
  readonly confirm: (shown: ShownSession) => boolean | Promise<boolean>;
}

/** What the person types. */
export interface TypedCode {
  readonly code: string;
  /** The last eight digits of the card's number. */
  readonly digits: string;
  /** Where it is asked for. Wiped, however the call ends. */
  readonly presentPin?: Pin;
}

export interface ByCode {
  /** Shows whose card it is and where the code went, and asks for it; undefined where the person does not go on. */
  readonly askForCode: (shown: ShownSession) => Promise<TypedCode | undefined>;
}
