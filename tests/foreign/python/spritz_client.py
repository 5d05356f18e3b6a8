"""Spritz' device half by python3-cryptography: tasks on standard input, a line of JSON each, and so their results."""

import base64
import json
import os
import sys

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_der_public_key

HASHES = {"SHA-1": hashes.SHA1, "SHA-512": hashes.SHA512}


def b64(data):
    return base64.b64encode(data).decode()


def do(task):
    if task["task"] == "open":
        iv, data = base64.b64decode(task["digits"]), base64.b64decode(task["ivBytes"])
        return {"block": AESGCM(base64.b64decode(task["key"])).decrypt(iv, data, None).decode()}
    hash_of = HASHES[task["hash"]]
    oaep = padding.OAEP(padding.MGF1(hash_of()), hash_of(), None)
    session_key = os.urandom(16)
    wrapped = load_der_public_key(base64.b64decode(task["key"])).encrypt(base64.b64encode(session_key), oaep)
    iv = os.urandom(task["ivBytes"])
    digits = task["digits"]
    block = ("2" + format(len(digits), "x") + digits).ljust(16, "F").encode()
    return {
        "encryptedKey": b64(wrapped),
        "sessionKey": b64(session_key),
        "iv": b64(iv),
        "data": b64(AESGCM(session_key).encrypt(iv, block, None)),
    }


for line in sys.stdin:
    print(json.dumps(do(json.loads(line))))
