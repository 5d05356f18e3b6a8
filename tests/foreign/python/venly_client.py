"""Venly's client half on python3-cryptography: the encryption key as published and what to seal as arguments, the
envelope on standard output."""
import base64
import json
import os
import sys

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def text(data):
    return base64.b64encode(data).decode()


published, content = json.loads(sys.argv[1]), sys.argv[2].encode()
key = serialization.load_der_public_key(base64.b64decode(published["publicKey"]))
oaep = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
content_key, iv = AESGCM.generate_key(256), os.urandom(12)
envelope = {
    "encryption": {
        "type": "AES/GCM/NoPadding",
        "key": {"encryptedValue": text(key.encrypt(content_key, oaep)), "encryptionKeyId": published["id"]},
        "iv": text(iv),
    },
    "value": text(AESGCM(content_key).encrypt(iv, content, None)),
}
print(json.dumps(envelope))
