import type { RootPins } from "@linchpin/device/native";
import type { Relay } from "@linchpin/device/relay";
import type { PinnedRoots } from "@linchpin/device/roots";
import type { FunctionComponent } from "preact";
import type { Cardholder } from "../cardholder.ts";
import type { CardState, IssuerApi } from "../issuer/issuer-api.ts";
import type { WordsRow } from "../journey/words.ts";

/** What the page shows of a protocol. */
export interface PageProtocol {
  /** As in the issuer's protocol table. */
  readonly name: string;
  readonly title: string;
  /** Whether the protocol has the roots pinned, whatever the page's switch says. */
  readonly pinsRoots?: boolean;
  /** What a cardholder can do, in the order in which one tries it. */
  readonly tasks: readonly Task[];
  /** The name of the task that comes next for this cardholder; null: none, before the card has a PIN. */
  readonly next: (phone: Phone, card: CardState) => string | null;
  /** What the journey says of the protocol's messages. */
  readonly words: readonly WordsRow[];
}

/** What every screen is given. */
export interface Phone {
  readonly cardholder: Cardholder;
  readonly api: IssuerApi;
  readonly relay: Relay;
  /** The issuer's origin and its roots, from the page's own origin. */
  readonly pins: RootPins;
  /** For the vendors' protocols: the roots, where they are pinned. */
  readonly trust: { readonly roots?: PinnedRoots };
  /** Tells the journey how a task ended on the phone: null, as it should; else the code of the error. */
  readonly conclude: (code: string | null) => void;
}

export type Screen = FunctionComponent<{ phone: Phone; leave: () => void }>;

interface Task {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly Screen: Screen;
}
