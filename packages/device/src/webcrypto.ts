export { webCryptoPrimitives } from "@linchpin/core/webcrypto";
