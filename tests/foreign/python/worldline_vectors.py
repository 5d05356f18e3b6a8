"""Makes the vectors of Worldline's protocol, each file by somebody else's cryptography.

Usage: worldline_vectors.py FOLDER, where FOLDER is packages/protocols/worldline/vectors. Needs python3-cryptography and
the command openssl. Each run draws keys, session keys and fills anew.
"""

import base64
import json
import os
import subprocess
import sys
import tempfile

import cryptography
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

CASES = [
    ("0123", "5041151234567890", 32),
    ("739150", "504115123456", 32),
    ("012345678901", "5041151234567890123", 16),
    ("4711", "504115123456789", 16),
]


def fields(pin, pan):
    pin_field = f"4{len(pin):x}{pin}".ljust(16, "a") + os.urandom(8).hex()
    return bytes.fromhex(pin_field), bytes.fromhex(f"{len(pan) - 12}{pan}".ljust(32, "0"))


def block_of(encrypt, key, pin, pan):
    """ISO 9564-1 section 9.4.2.3."""
    pin_field, pan_field = fields(pin, pan)
    first = encrypt(key, pin_field)
    return encrypt(key, bytes(a ^ b for a, b in zip(first, pan_field)))


def by_cryptography():
    private = rsa.generate_private_key(65537, 2048)

    def encrypt(key, block):
        encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
        return encryptor.update(block) + encryptor.finalize()

    def wrap(key, scheme):
        oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
        return private.public_key().encrypt(key, oaep if scheme == "oaep" else padding.PKCS1v15())

    pem = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    spki = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    source = f"python3-cryptography {cryptography.__version__}: OAEP with SHA-256, PKCS1v15, AES ECB"
    return source, pem, spki, encrypt, wrap


def by_openssl(folder):
    def openssl(*arguments, data=b""):
        return subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=True).stdout

    key_file, public_file = os.path.join(folder, "key.pem"), os.path.join(folder, "public.pem")
    openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", key_file)
    openssl("pkey", "-in", key_file, "-pubout", "-out", public_file)

    def encrypt(key, block):
        return openssl("enc", f"-aes-{8 * len(key)}-ecb", "-nopad", "-K", key.hex(), data=block)

    def wrap(key, scheme):
        oaep = ["rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256"]
        options = oaep if scheme == "oaep" else ["rsa_padding_mode:pkcs1"]
        given = [part for option in options for part in ("-pkeyopt", option)]
        return openssl("pkeyutl", "-encrypt", "-pubin", "-inkey", public_file, *given, data=key)

    pkcs8 = openssl("pkcs8", "-topk8", "-nocrypt", "-in", key_file, "-outform", "DER")
    spki = openssl("pkey", "-in", key_file, "-pubout", "-outform", "DER")
    return f"{openssl('version').decode().strip()}: pkeyutl and enc", pkcs8, spki, encrypt, wrap


def vectors(source, pkcs8, spki, encrypt, wrap):
    def case(pin, pan, key_bytes, scheme):
        key = os.urandom(key_bytes)
        upper = lambda data: data.hex().upper()
        pin_block = block_of(encrypt, key, pin, pan)
        made = {"pin": pin, "pan": pan, "sessionKey": upper(key), "pinBlock": upper(pin_block)}
        return {**made, "encryptedData": upper(wrap(key, scheme))}

    return {
        "source": source,
        "privateKeyPkcs8": base64.b64encode(pkcs8).decode(),
        "publicKey": base64.b64encode(spki).decode(),
        "oaep": [case(*each, "oaep") for each in CASES],
        "pkcs1": [case(pin, pan, 32, "pkcs1") for pin, pan, _ in CASES[:2]],
    }


def main(folder):
    with tempfile.TemporaryDirectory() as temporary:
        made = {"openssl": vectors(*by_openssl(temporary)), "python3-cryptography": vectors(*by_cryptography())}
    for name, content in made.items():
        with open(os.path.join(folder, f"{name}.json"), "w", encoding="utf-8") as file:
            json.dump(content, file, indent=2)
            file.write("\n")


main(sys.argv[1])
