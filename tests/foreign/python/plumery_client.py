"""Plumery's client on python3-cryptography. Reads a JSON array a line, each a step, and prints its JSON.

["make", ENCODING]                a key (spki or raw): {"scalar", "header"}
["open", SCALAR, PAYLOAD, INFO]   what the encryptedPayload holds, as text; {"refused": "InvalidTag"} where it does not open
"""
import base64
import json
import sys

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

forms = {
    "spki": (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo),
    "raw": (serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint),
}


def make(encoding):
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(*forms[encoding])
    scalar = format(key.private_numbers().private_value, "x")
    return {"scalar": scalar, "header": base64.b64encode(public).decode()}


def read_public_key(encoded):
    if encoded[0] == 4:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), encoded)
    return serialization.load_der_public_key(encoded)


def open_payload(scalar, payload, info):
    iv, ciphertext, peer, salt = (
        base64.b64decode(payload[name], validate=True) for name in ("iv", "ciphertext", "ephemeralPublicKey", "salt")
    )
    key = ec.derive_private_key(int(scalar, 16), ec.SECP256R1())
    secret = key.exchange(ec.ECDH(), read_public_key(peer))
    content_key = HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=info.encode()).derive(secret)
    return AESGCM(content_key).decrypt(iv, ciphertext, None).decode()


steps = {"make": make, "open": open_payload}
for line in sys.stdin:
    step, *given = json.loads(line)
    try:
        done = steps[step](*given)
    except InvalidTag:
        done = {"refused": "InvalidTag"}
    print(json.dumps(done), flush=True)
