"""A bank's half of Worldline's protocol, by python3-cryptography alone.

Usage: worldline_client.py set SPKI PAN PIN        prints encryptedData and pinBlock
       worldline_client.py wrap SPKI               prints encryptedData and the session key
       worldline_client.py open KEY BLOCK PAN      prints the PIN
All in hex, but for SPKI, which is base64.
"""

import base64
import os
import sys

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import load_der_public_key


def wrap(spki, key):
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    return load_der_public_key(base64.b64decode(spki)).encrypt(key, oaep).hex()


def combine(block, pan):
    pan_field = bytes.fromhex(f"{len(pan) - 12}{pan}".ljust(32, "0"))
    return bytes(a ^ b for a, b in zip(block, pan_field))


def aes(key, block, opens=False):
    cipher = Cipher(algorithms.AES(key), modes.ECB())
    context = cipher.decryptor() if opens else cipher.encryptor()
    return context.update(block) + context.finalize()


def main(task, *given):
    key = os.urandom(32)
    if task == "set":
        spki, pan, pin = given
        field = bytes.fromhex(f"4{len(pin):x}{pin}".ljust(16, "a") + os.urandom(8).hex())
        print(wrap(spki, key), aes(key, combine(aes(key, field), pan)).hex())
    elif task == "wrap":
        print(wrap(given[0], key), key.hex())
    else:
        key, block, pan = bytes.fromhex(given[0]), bytes.fromhex(given[1]), given[2]
        field = aes(key, combine(aes(key, block, True), pan), True).hex()
        print(field[2 : 2 + int(field[1], 16)])


main(*sys.argv[1:])
