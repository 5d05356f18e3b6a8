/**
 * The root entry holds nothing, so that an app bundles the one protocol that it uses.
 *
 * Import `@linchpin/device/solaris`, `/solaris-sca`, `/adyen`, `/venly`, `/plumery`, `/stripe`, `/spritz`, `/lithic`,
 * `/worldline`, `/native` or `/native-reveal`, with `/relay`, `/keys`, `/roots`, and `/webcrypto` or, where there is none,
 * `/noble`.
 *
 * @throws Error when it is imported
 */
throw new Error(
  '@linchpin/device has an entry for each protocol: import "@linchpin/device/solaris", "@linchpin/device/solaris-sca", ' +
    '"@linchpin/device/adyen", "@linchpin/device/venly", "@linchpin/device/plumery", "@linchpin/device/stripe", ' +
    '"@linchpin/device/spritz", "@linchpin/device/lithic", "@linchpin/device/worldline", "@linchpin/device/native" or ' +
    '"@linchpin/device/native-reveal"; ' +
    'the way to your backend is "@linchpin/device/relay", a device\'s keys are "@linchpin/device/keys", ' +
    'pinned roots are "@linchpin/device/roots", and cryptography is "@linchpin/device/webcrypto", or where there is none ' +
    '"@linchpin/device/noble"',
);

export {};
