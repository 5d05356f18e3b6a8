"""Adyen's device side on python3-cryptography, after the vendor's guides: change, wrap, open, open-pan."""

import base64
import json
import os
import secrets
import sys

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import load_der_public_key


def ecb(key, block, encrypt=True):
    cipher = Cipher(algorithms.AES(key), modes.ECB())
    context = cipher.encryptor() if encrypt else cipher.decryptor()
    return context.update(block) + context.finalize()


def xor(one, other):
    return bytes(a ^ b for a, b in zip(one, other))


def pan_field(token):
    return bytes.fromhex("4" + token + "0" * 15)


def wrap(public_key, session_key):
    key = load_der_public_key(base64.b64decode(public_key))
    return key.encrypt(session_key, padding.PKCS1v15()).hex()


def change(public_key, pin):
    session_key = os.urandom(32)
    token = "".join(secrets.choice("123456789") for _ in range(16))
    pin_field = bytes.fromhex(("4%x%s" % (len(pin), pin)).ljust(16, "A") + os.urandom(8).hex())
    block = ecb(session_key, xor(ecb(session_key, pin_field), pan_field(token)))
    return {"encryptedKey": wrap(public_key, session_key), "encryptedPinBlock": block.hex(), "token": token}


def new_session_key(public_key):
    session_key = os.urandom(32)
    return {"sessionKey": session_key.hex(), "encryptedKey": wrap(public_key, session_key)}


def open_block(session_key, pin_block, token):
    key = bytes.fromhex(session_key)
    block = xor(ecb(key, bytes.fromhex(pin_block), encrypt=False), pan_field(token))
    return {"pinField": ecb(key, block, encrypt=False).hex()}


def open_pan(session_key, data):
    context = Cipher(algorithms.AES(bytes.fromhex(session_key)), modes.CBC(bytes(16))).decryptor()
    padded = context.update(bytes.fromhex(data)) + context.finalize()
    unpadder = PKCS7(128).unpadder()
    return json.loads(unpadder.update(padded) + unpadder.finalize())


commands = {"change": change, "wrap": new_session_key, "open": open_block, "open-pan": open_pan}
print(json.dumps(commands[sys.argv[1]](*sys.argv[2:])))
