/**
 * The root entry holds nothing, so that an app bundles the one protocol that it uses.
 *
 * Import `@linchpin/device/solaris`, `/solaris-sca`, `/adyen`, `/venly`, `/plumery`, `/stripe`, `/spritz`, `/lithic` or `/worldline`, with `/relay`, `/keys` and `/roots`.
 *
 * @throws Error when it is imported
 */
throw new Error(
  '@linchpin/device has an entry for each protocol: import "@linchpin/device/solaris", "@linchpin/device/solaris-sca", ' +
    '"@linchpin/device/adyen", "@linchpin/device/venly", "@linchpin/device/plumery", "@linchpin/device/stripe", "@linchpin/device/spritz", "@linchpin/device/lithic" or "@linchpin/device/worldline"; the way to your backend is ' +
    '"@linchpin/device/relay", a device\'s keys are "@linchpin/device/keys", ' +
    'and pinned roots are "@linchpin/device/roots"',
);

export {};
