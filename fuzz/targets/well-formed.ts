import { bytesFromBase64, bytesFromHex } from "@linchpin/core";

// Made once, by keys that nobody has: the same each time, so that a run with one seed is one run.

/** A key of RSA-2048, in DER. */
export const rsaSpki = bytesFromBase64(
  [
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEArU3sRG1Pu12hXPY8IfjXwHGiqIInBY4JkSuEMZAxCPZTjdf6F0FNN1Ft",
    "/0BcrLyIP7iAeAbnWbmef0yeRRsIV6uXXTDbkqleN+mzdr+attoM852qjh5zfCC5Ouci0OKjYLzYWdp7ZuHCMe9jXVCoQCUyUPqJ",
    "GOCp0ZE8K683G7UluH1JkZuIehs0aNMoOOqMRsOoUa/U9bBG5GseMy/FKMfWiOOx05PXFYr4gvRsLvERx/v5ygjvA+MWvmHHKjVh",
    "GzkGUQ8IuJRNOKmWw93bQcW9SyLFCLh0+TuPeKO66SshVNwz2mtdJSPPAS6GodOlfHDrjbJwXdOgqAzh/j+jDQIDAQAB",
  ].join(""),
);

export const p256Point = bytesFromHex(
  "04d9b1328c2ae3b737e22aea1e98929dfec9ebdf6b314a2d860ed5d3b2f47f7eb0420d47e5de82cc21af7e4adbb1dd795300df65868946e95832bf9437b8b74d50",
);

/** Of `p256Point`'s key over `text`, in DER. */
export const ecdsaSignature = bytesFromHex(
  "3044022042ede8f9db54da350e7951d75cf1ca2cdfcb30fda4b905b21176560a7fb4e96002205db1d49bc7670caba6c28343e112f30402a05dc0160374160b9b4a6c7e74a164",
);

export const jweHeader = '{"alg":"RSA-OAEP-256","enc":"A256CBC-HS512","kid":"k"}';

/** Sealed to `rsaSpki`. */
export const compactJwe = [
  "eyJhbGciOiJSU0EtT0FFUC0yNTYiLCJlbmMiOiJBMjU2Q0JDLUhTNTEyIiwia2lkIjoiayJ9.QJ0EQAVMoqETRAIqTWmK5pUuQWH",
  "9NgrINUCvHeHPBfY85J9zCgN16H7l279QJ4kPt8RdA3hlBPivVs0PdpCVXJ1Ly5ZCANYx1KltLbrC3ZaeYfDi9DM_r19fwmF8PI5",
  "yyEXXrviSPIewLOlR2cFfGD9G2aBVn7aZeNNGTasKsxM6T8hqbRTQ5fZB0_PD0YJHEsOI6CzvuKjDJ_8w89kiplR6HY4Z4Q1xy1h",
  "mPWPsF7AiiCZI5eOQ_QE21rpEg3_SQX0phEPYHmoQLs_CTSRgah5xP8imnwG7ueH83-A-2pHCEomUVCremX7j1UvLpfWPLJVfnGQ",
  "nBUEQfOMMRcwSQg._djo1zPqbKvpH7Fa-KlOvw.8VhALrnVdOUCw-RaiqMqIw.KBjDVKd8ytHpkgEO4dnFOxXf2UsqG4pFq6GHNl",
  "biGkg",
].join("");
