"""Vectors of Spritz' messages, by python3-cryptography and by the command line of OpenSSL.
spritz_vectors.py FOLDER"""

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

HASHES = {"SHA-1": hashes.SHA1, "SHA-512": hashes.SHA512, "SHA-256": hashes.SHA256}
PINS = ["1234", "5678", "0471", "04718293", "0471829350", "04718293506", "047182935061"]


def b64(data):
    return base64.b64encode(data).decode()


def block_of(pin):
    return ("2" + format(len(pin), "x") + pin).ljust(16, "F").encode()


def seal(public_key, block, *, oaep="SHA-1", mgf=None, key=None, wrapped=None, iv_bytes=16, aad=b"", arrange=None):
    key = key or os.urandom(16)
    iv = os.urandom(iv_bytes)
    wrapped = base64.b64encode(key) if wrapped is None else wrapped
    if oaep is None:
        scheme = padding.PKCS1v15()
    else:
        scheme = padding.OAEP(padding.MGF1(HASHES[mgf or oaep]()), HASHES[oaep](), None)
    encryptor = Cipher(algorithms.AES(key), modes.GCM(iv)).encryptor()
    encryptor.authenticate_additional_data(aad)
    ciphertext = encryptor.update(block) + encryptor.finalize()
    data = (arrange or (lambda text, tag: text + tag))(ciphertext, encryptor.tag)
    return {
        "encryptedKey": b64(public_key.encrypt(wrapped, scheme)),
        "encryptedPin": {"iv": b64(iv), "data": b64(data)},
    }


def by_cryptography(private_key):
    public_key = private_key.public_key()
    key = bytes(range(16))
    opened = [
        {"pin": pin, "hash": name, **seal(public_key, block_of(pin), oaep=name, iv_bytes=iv_bytes)}
        for name in ("SHA-1", "SHA-512")
        for iv_bytes in (12, 16)
        for pin in PINS
    ]
    block = block_of("0471")
    refused = {
        "the key's bytes are wrapped": seal(public_key, block, key=key, wrapped=key),
        "hex text is wrapped": seal(public_key, block, key=key, wrapped=key.hex().encode()),
        "base64 of hex text is wrapped": seal(public_key, block, key=key, wrapped=base64.b64encode(key.hex().encode())),
        "base64 without padding is wrapped": seal(public_key, block, key=key, wrapped=base64.b64encode(key)[:22]),
        "OAEP with SHA-256": seal(public_key, block, oaep="SHA-256"),
        "OAEP with SHA-512": seal(public_key, block, oaep="SHA-512"),
        "OAEP with SHA-1, MGF1 with SHA-256": seal(public_key, block, mgf="SHA-256"),
        "OAEP with SHA-512, MGF1 with SHA-1": seal(public_key, block, oaep="SHA-512", mgf="SHA-1"),
        "RSAES-PKCS1-v1_5": seal(public_key, block, oaep=None),
        "another key": seal(rsa.generate_private_key(65537, 2048).public_key(), block),
        "a session key of 32 bytes": seal(public_key, block, key=os.urandom(32)),
        "the digits alone": seal(public_key, b"0471"),
        "the block as 8 bytes": seal(public_key, bytes.fromhex(block.decode())),
        "a length in decimal": seal(public_key, b"2100471829350FFFF"),
        "fill 0": seal(public_key, b"2404710000000000"),
        "fill A": seal(public_key, b"240471AAAAAAAAAA"),
        "control field 0": seal(public_key, b"040471FFFFFFFFFF"),
        "no tag": seal(public_key, block, arrange=lambda text, tag: text),
        "the tag in front": seal(public_key, block, arrange=lambda text, tag: tag + text),
        "a tag of 12 bytes": seal(public_key, block, arrange=lambda text, tag: text + tag[:12]),
        "an AAD": seal(public_key, block, aad=b"aad"),
        "an IV of 8 bytes": seal(public_key, block, iv_bytes=8),
    }
    return {
        "source": f"python3-cryptography {cryptography.__version__}: OAEP and GCM",
        **key_of(private_key),
        "opened": opened,
        "refused": [{"what": what, "hash": "SHA-1", **message} for what, message in refused.items()],
    }


def by_openssl(private_key):
    """The session key, its text and its wrap are OpenSSL's; its command line has no GCM."""
    version = openssl(["version"]).decode().split(" (")[0].strip()
    public_key = private_key.public_key()
    pem = public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def sealed(pin, name):
        key = openssl(["rand", "16"])
        message = seal(public_key, block_of(pin), key=key)
        digest = name.replace("-", "").lower()
        options = ["rsa_padding_mode:oaep", f"rsa_oaep_md:{digest}", f"rsa_mgf1_md:{digest}"]
        with tempfile.NamedTemporaryFile() as key_file:
            key_file.write(pem)
            key_file.flush()
            pkeyopt = [part for option in options for part in ("-pkeyopt", option)]
            text = openssl(["base64", "-A"], key)
            wrapped = openssl(["pkeyutl", "-encrypt", "-pubin", "-inkey", key_file.name, *pkeyopt], text)
        return {**message, "encryptedKey": b64(wrapped)}

    return {
        "source": f"{version}: base64 and pkeyutl; the block under GCM by python3-cryptography {cryptography.__version__}",
        **key_of(private_key),
        "opened": [{"pin": pin, "hash": name, **sealed(pin, name)} for name in ("SHA-1", "SHA-512") for pin in PINS],
        "refused": [],
    }


def openssl(arguments, data=b""):
    return subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=True).stdout


def key_of(private_key):
    pem = private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return {"privateKeyPem": pem.decode()}


def main():
    private_key = rsa.generate_private_key(65537, 2048)
    for name, make in {"python3-cryptography": by_cryptography, "openssl": by_openssl}.items():
        with open(os.path.join(sys.argv[1], f"{name}.json"), "w", encoding="utf8") as file:
            json.dump(make(private_key), file, indent=2, ensure_ascii=False)
            file.write("\n")


main()
