export {
  type ChallengeOf,
  type ChallengeSecrets,
  findOpenChallenge,
  findOwnChallenge,
  makeChallenge,
  openChallengeSecret,
  sendChallenge,
  takeTry,
  tooManyOtps,
} from "./challenge.ts";
export { deviceOf, findDeviceOf, findOwnDevice, keyOf } from "./find-device.ts";
