"""A client of the native protocol on python3-cryptography, after packages/protocols/native/README.md and the RFCs it names.

Reads a JSON object a line, each a step, and prints one a line. Three steps make an operation; "state" goes on to the next:

ask     {op, auth, card, device?: {scalar}} -> {request, state}; the request goes to POST …/sessions
seal    {state, session, manifest, issuer, roots, secrets: {pin?, code?, digits?}} -> {request, shown, state}; …/operations
accept  {state, answer} -> the outcome, and what was revealed in clear

Whatever must be refused answers {"refused": why}.
"""
import base64
import hashlib
import hmac
import json
import os
import sys
import time

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

curve = ec.SECP256R1()
session_typ, answer_typ = "linchpin-session+jwt", "linchpin-answer+jwt"
results = {
    "bind": ["bound"],
    "pin-change": ["changed"],
    "pin-verify": ["match", "mismatch", "blocked"],
    "pin-reveal": ["revealed"],
    "card-reveal": ["revealed"],
}


class Refused(Exception):
    pass


def require(holds, reason):
    if not holds:
        raise Refused(reason)


# --- RFC 4648, 7515, 7517, 7638 ---------------------------------------------------------------------------------------


def b64u(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64u(text):
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    require(b64u(data) == text, "base64url that is not canonical")
    return data


def point(public_key):
    return public_key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def from_point(data):
    require(len(data) == 65 and data[0] == 4, "no uncompressed point")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(curve, data)
    except ValueError:
        raise Refused("no point of the curve")


def jwk(public_key):
    data = point(public_key)
    return {"kty": "EC", "crv": "P-256", "x": b64u(data[1:33]), "y": b64u(data[33:])}


def from_jwk(key):
    require(key.get("kty") == "EC" and key.get("crv") == "P-256", "no key on P-256")
    return from_point(b"\x04" + unb64u(key["x"]) + unb64u(key["y"]))


def thumbprint(key):
    members = {name: key[name] for name in ("crv", "kty", "x", "y")}
    return b64u(hashlib.sha256(json.dumps(members, separators=(",", ":")).encode()).digest())


def private_key(scalar_hex):
    return ec.derive_private_key(int(scalar_hex, 16), curve)


def sign(key, data):
    r, s = decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def verify(public_key, signature, data):
    require(len(signature) == 64, "a signature of another length")
    halves = (int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    try:
        public_key.verify(encode_dss_signature(*halves), data, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise Refused("a signature that does not verify")


def sign_jws(key, typ, payload):
    header = {"alg": "ES256", "typ": typ, "kid": thumbprint(jwk(key.public_key()))}
    signed = ".".join(b64u(json.dumps(part, separators=(",", ":")).encode()) for part in (header, payload))
    return signed + "." + b64u(sign(key, signed.encode()))


def open_jws(compact, typ, max_length, find_key):
    require(isinstance(compact, str) and len(compact) <= max_length, "no JWS of this length")
    segments = compact.split(".")
    require(len(segments) == 3, "no compact JWS")
    header = json.loads(unb64u(segments[0]))
    require(set(header) == {"alg", "typ", "kid"} and header["alg"] == "ES256" and header["typ"] == typ, "another header")
    signed = ".".join(segments[:2]).encode()
    verify(from_jwk(find_key(header["kid"])), unb64u(segments[2]), signed)
    return json.loads(unb64u(segments[1])), hashlib.sha256(signed).digest()


# --- RFC 9180, base mode, single shot: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM ----------------------------

kem_suite = b"KEM" + (0x0010).to_bytes(2, "big")
hpke_suite = b"HPKE" + b"".join(part.to_bytes(2, "big") for part in (0x0010, 0x0001, 0x0002))


def labeled_extract(suite, salt, label, ikm):
    return hmac.new(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, hashlib.sha256).digest()


def labeled_expand(suite, prk, label, info, length):
    labeled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return HKDFExpand(algorithm=hashes.SHA256(), length=length, info=labeled).derive(prk)


def aead(dh, enc, recipient, info):
    shared = labeled_expand(kem_suite, labeled_extract(kem_suite, b"", b"eae_prk", dh), b"shared_secret", enc + recipient, 32)
    hashed = [labeled_extract(hpke_suite, b"", label, part) for label, part in ((b"psk_id_hash", b""), (b"info_hash", info))]
    context = b"\x00" + b"".join(hashed)
    secret = labeled_extract(hpke_suite, shared, b"secret", b"")
    key = labeled_expand(hpke_suite, secret, b"key", context, 32)
    return AESGCM(key), labeled_expand(hpke_suite, secret, b"base_nonce", context, 12)


def hpke_seal(recipient, info, plaintext, ephemeral=None):
    ephemeral = ephemeral or ec.generate_private_key(curve)
    enc = point(ephemeral.public_key())
    cipher, nonce = aead(ephemeral.exchange(ec.ECDH(), recipient), enc, point(recipient), info)
    return enc + cipher.encrypt(nonce, plaintext, b"")


def hpke_open(key, info, sealed):
    enc = sealed[:65]
    cipher, nonce = aead(key.exchange(ec.ECDH(), from_point(enc)), enc, point(key.public_key()), info)
    try:
        return cipher.decrypt(nonce, sealed[65:], b"")
    except InvalidTag:
        raise Refused("what was sealed does not open")


# --- the protocol's own layouts ---------------------------------------------------------------------------------------


def pin_field(pin, random=None):
    """ISO 9564-1:2017, 9.4.2.2.2"""
    return bytes.fromhex(f"4{len(pin):x}{pin}".ljust(16, "a")) + (random or os.urandom(8))


def read_pin_field(field):
    text = field[:8].hex()
    length = int(text[1], 16)
    pin, fill = text[2 : 2 + length], text[2 + length :]
    require(len(field) == 16 and text[0] == "4" and 4 <= length <= 12 and pin.isdecimal(), "no PIN field of format 4")
    require(fill == "a" * len(fill), "no PIN field of format 4")
    return pin


def parts(field=b"", code="", digits=""):
    return field.ljust(16, b"\0") + code.encode().ljust(16, b"\0") + digits.encode().ljust(16, b"\0")


def card_data(pan, cvv2, expiry):
    return pan.encode().ljust(20, b"\0") + cvv2.encode().ljust(4, b"\0") + expiry.encode() + bytes(4)


def read_card_data(data):
    require(len(data) == 32 and data[28:] == bytes(4), "no card data")
    return {"pan": text_of(data[:20]), "cvv2": text_of(data[20:24]), "expiry": text_of(data[24:28])}


def text_of(field):
    text = field.rstrip(b"\0")
    require(text.isdigit(), "no digits")
    return text.decode()


def request_info(h):
    return b"linchpin/v1 request\0" + h


def answer_info(h, r):
    return b"linchpin/v1 answer\0" + h + r


def device_signed(h, r):
    return b"\xfflinchpin/v1 device\0" + h + r


# --- the three steps --------------------------------------------------------------------------------------------------


def ask(op, auth, card, device=None):
    request = {"op": op, "auth": auth, "card": card, "nonce": b64u(os.urandom(16))}
    scalar = None
    if op == "bind":
        key = ec.generate_private_key(curve)
        scalar = format(key.private_numbers().private_value, "x")
        request["key"] = jwk(key.public_key())
    elif auth == "device":
        scalar = device["scalar"]
        request["device"] = thumbprint(jwk(private_key(scalar).public_key()))
    return {"request": request, "state": {"request": request, "scalar": scalar}}


def listed_key(manifest, kid, purpose, alg, now):
    for key in manifest["keys"]:
        if (key["kid"], key["purpose"], key["alg"]) == (kid, purpose, alg) and key["nbf"] <= now < key["exp"]:
            return key
    raise Refused(f"no key of {purpose} that the manifest vouches for")


def accept_manifest(compact, issuer, roots, lowest_seq):
    pinned = {thumbprint(root): root for root in roots}

    def find_root(kid):
        require(kid in pinned, "a root that is not pinned")
        return pinned[kid]

    manifest, _ = open_jws(compact, "jwk-set+jwt", 32768, find_root)
    require(manifest["iss"] == manifest["sub"] == issuer, "another issuer's manifest")
    require(manifest["seq"] >= lowest_seq, "an earlier manifest")
    return manifest


def accept_session(state, session, manifest, issuer, roots, lowest_seq=0, sub=None, now=None):
    manifest = accept_manifest(manifest, issuer, roots, lowest_seq)
    request = state["request"]
    candidates = {key["kid"]: key for key in manifest["keys"]}
    signer = []

    def find_signer(kid):
        require(kid in candidates, "a session's key that is not listed")
        signer.append(kid)
        return candidates[kid]

    claims, h = open_jws(session, session_typ, 2048, find_signer)
    now = max(int(time.time()) if now is None else now, claims["iat"])
    require(now < manifest["exp"], "a manifest whose time is over")
    listed_key(manifest, signer[0], "native-signing", "ES256", now)
    require(manifest["seq"] >= claims["seq"], "a manifest older than the session's")
    require(claims["iss"] == issuer, "another issuer's session")
    for name in ("nonce", "op", "auth"):
        require(claims[name] == request[name], f"another {name}")
    require(claims["card"]["ref"] == request["card"], "another card")
    own = thumbprint(request["key"]) if "key" in request else request.get("device")
    require(claims["device"] == own, "another device")
    require(sub is None or claims["sub"] == sub, "another person")
    require(claims["auth"] == "device" or claims["holder"].strip(), "a session by a code that names nobody")
    recipient = listed_key(manifest, claims["hpke"], "native-hpke", "HPKE-7", now)
    return claims, h, recipient, manifest, now


def seal(state, session, secrets=None, **terms):
    claims, h, recipient, manifest, now = accept_session(state, session, **terms)
    op, auth = claims["op"], claims["auth"]
    secrets = secrets or {}
    reveal = None
    if op.endswith("-reveal"):
        key = ec.generate_private_key(curve)
        reveal = format(key.private_numbers().private_value, "x")
        message = point(key.public_key())
    else:
        has_pin = op != "bind" or claims.get("presentPin", False)
        field = pin_field(secrets["pin"]) if has_pin else b""
        codes = (secrets["code"], secrets["digits"]) if auth == "code" else ("", "")
        message = hpke_seal(from_jwk(recipient), request_info(h), parts(field, *codes))
    r = hashlib.sha256(message).digest()
    request = {"session": session, "message": b64u(message)}
    if state["scalar"] is not None:
        request["signature"] = b64u(sign(private_key(state["scalar"]), device_signed(h, r)))
    if op == "bind":
        request["key"] = state["request"]["key"]
    shown = {name: claims[name] for name in ("holder", "to") if name in claims}
    shown.update({name: claims["card"][name] for name in ("last4", "program")})
    kept = {**state, "claims": claims, "h": h.hex(), "r": r.hex(), "manifest": manifest, "now": now, "reveal": reveal}
    return {"request": request, "shown": shown, "state": kept}


def accept(state, answer):
    claims, h, r = state["claims"], bytes.fromhex(state["h"]), bytes.fromhex(state["r"])
    find = lambda kid: listed_key(state["manifest"], kid, "native-signing", "ES256", state["now"])
    said, _ = open_jws(answer, answer_typ, 2048, find)
    expected = {"iss": claims["iss"], "sid": claims["sid"], "h": b64u(h), "r": b64u(r), "op": claims["op"]}
    for name, value in expected.items():
        require(said[name] == value, f"an answer with another {name}")
    outcome = said["spent"] if said["result"] == "spent" else said
    check_possible(claims, outcome)
    if said["result"] == "spent" and outcome["r"] != b64u(r):
        return {"result": "spent"}
    shown = {name: outcome[name] for name in ("result", "code", "remaining", "version", "device", "sub") if name in outcome}
    if "sealed" in outcome:
        plaintext = hpke_open(private_key(state["reveal"]), answer_info(h, r), unb64u(outcome["sealed"]))
        shown.update({"pin": read_pin_field(plaintext)} if claims["op"] == "pin-reveal" else read_card_data(plaintext))
    return shown


def check_possible(claims, outcome):
    result = outcome["result"]
    require(result == "refused" or result in results[claims["op"]], "a result that the operation has not")
    if result == "bound":
        require((outcome["device"], outcome["sub"]) == (claims["device"], claims["sub"]), "another binding")
    if result == "changed":
        require(outcome["version"] == claims["card"]["version"] + 1, "another version")


steps = {"ask": ask, "seal": seal, "accept": accept}

if __name__ == "__main__":
    for line in sys.stdin:
        given = json.loads(line)
        try:
            done = steps[given.pop("step")](**given)
        except Refused as refusal:
            done = {"refused": str(refusal)}
        print(json.dumps(done), flush=True)
