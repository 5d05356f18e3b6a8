"""A PIN change, or a reveal, by each protocol, as a backend in another language sends it that was written in a hurry.

argv: the protocol, and what POST /sandbox/cards told, as JSON. Every request says that its body is JSON, also where it
has none; every query has parameters that no document has; members that are optional and not set are null.
With `wrapped` as a third argument base64 comes in lines of 76 characters. Prints [what, status, error] of each request.
"""
import base64
import hashlib
import json
import os
import re
import secrets
import sys
import textwrap
import urllib.error
import urllib.parse
import urllib.request
import uuid

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

protocol, sandbox = sys.argv[1], json.loads(sys.argv[2])
is_wrapped = "wrapped" in sys.argv
access = sandbox[protocol]
done = []


def text(data):
    encoded = base64.b64encode(data).decode()
    return "\r\n".join(textwrap.wrap(encoded, 76)) + "\r\n" if is_wrapped else encoded


def send(method, url, headers, body=None, is_form=False):
    if body is not None:
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
    content_type = "application/x-www-form-urlencoded" if is_form else "application/json; charset=UTF-8"
    url += ("&" if "?" in url else "?") + "_=1764000000000&utm_source=backend"
    request = urllib.request.Request(url, data=body, method=method, headers={"Content-Type": content_type, **headers})
    try:
        with urllib.request.urlopen(request) as answer:
            status, content = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, content = error.code, error.read()
    path = urllib.parse.urlsplit(url).path
    done.append([method + " " + path.rsplit("/", 1)[1], status, content.decode() if status >= 400 else None])
    return json.loads(content) if content else None


def token(url):
    basic = base64.b64encode((access["clientId"] + ":" + access["clientSecret"]).encode()).decode()
    form = urllib.parse.urlencode({"grant_type": "client_credentials", "audience": "all", "resource": ""}).encode()
    answer = send("POST", url, {"Authorization": "Basic " + basic}, form, is_form=True)
    return {"Authorization": "Bearer " + answer["access_token"]}


def solaris():
    from jwcrypto import jwe, jwk

    base = access["baseUrl"]
    caller = token(base + "/oauth2/token")
    key = send("GET", base + "/v1/cards/pin_keys/latest", caller)
    key.pop("alg")
    header = {"alg": "RSA-OAEP-256", "enc": "A256CBC-HS512", "kid": key["kid"]}
    sealed = jwe.JWE(b'{"pin":"2846"}', json.dumps(header), recipient=jwk.JWK(**key)).serialize(compact=True)
    if is_wrapped:
        sealed = "\n".join(textwrap.wrap(sealed, 76))
    card = base + "/v1/cards/" + access["cardAccountId"]
    change = {"encrypted_pin": sealed, "key_id": key["kid"]}
    asked = send("POST", card + "/sca_pin_update_requests", caller, change)
    if is_wrapped:
        return
    change_request = base + "/v1/change_requests/" + asked["id"]
    person = {"person_id": access["personId"]}
    by_sms = {"delivery_method": "mobile_number", "device_id": None, "device_data": None, **person}
    send("POST", change_request + "/authorize", caller, by_sms)
    origin = base.rsplit("/", 1)[0]
    to = urllib.parse.quote(access["mobileNumber"])
    with urllib.request.urlopen(origin + "/sandbox/messages?to=" + to) as answer:
        tan = re.search(r"\b\d{6}\b", json.loads(answer.read())[-1]["text"]).group()
    confirmation = {"tan": tan, "signature": None, "device_id": None, "device_data": None, **person}
    send("POST", change_request + "/confirm", caller, confirmation)


def adyen():
    caller = {"X-API-Key": access["apiKey"]}
    key = send("GET", access["baseUrl"] + "/publicKey?purpose=pinChange", caller)
    public = serialization.load_der_public_key(base64.b64decode(key["publicKey"]))
    session_key = os.urandom(32)
    ecb = Cipher(algorithms.AES(session_key), modes.ECB()).encryptor
    account = "".join(secrets.choice("123456789") for _ in range(16))
    one = ecb().update(bytes.fromhex("442846".ljust(16, "A") + os.urandom(8).hex()))
    other = bytes.fromhex("4" + account + "0" * 15)
    block = ecb().update(bytes(a ^ b for a, b in zip(one, other)))
    wrapped = public.encrypt(session_key, padding.PKCS1v15()).hex()
    change = {
        "paymentInstrumentId": access["paymentInstrumentId"],
        "encryptedKey": "\n".join(textwrap.wrap(wrapped, 76)) if is_wrapped else wrapped,
        "encryptedPinBlock": block.hex(),
        "token": account,
    }
    send("POST", access["baseUrl"] + "/pins/change", caller, change)


def venly():
    base = access["baseUrl"]
    caller = token(access["tokenUrl"])
    published = send("GET", base + "/api/security", {})["result"]["encryptionKeys"][0]
    public = serialization.load_der_public_key(base64.b64decode(published["publicKey"]))
    oaep = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)

    def envelope(content):
        content_key, iv = AESGCM.generate_key(256), os.urandom(12)
        wrapped = {"encryptedValue": text(public.encrypt(content_key, oaep)), "encryptionKeyId": published["id"]}
        encryption = {"type": "AES/GCM/NoPadding", "key": wrapped, "iv": text(iv)}
        return {"encryption": encryption, "value": text(AESGCM(content_key).encrypt(iv, json.dumps(content).encode(), None))}

    method = {"type": "PIN", "value": "482915", "physicalDeviceId": None}
    user = send("POST", base + "/api/users", caller, envelope({"reference": None, "signingMethod": method}))
    if is_wrapped:
        return
    user = user["result"]
    body = json.dumps({"transactionRequest": {"to": None, "value": 1}}).encode()
    signed = {
        "id": user["signingMethods"][0]["id"],
        "value": "482915",
        "physicalDeviceId": None,
        "idempotencyKey": str(uuid.uuid4()),
        "signature": {"type": "sha256", "value": hashlib.sha256(body).hexdigest()},
    }
    header = base64.b64encode(json.dumps(envelope(signed)).encode()).decode()
    send("POST", base + "/api/transactions/execute", {**caller, "Encrypted-Signing-Method": header}, body)


def plumery():
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    encoded = base64.b64encode(der).decode()
    # A header has no line breaks: what makes them there puts a space in their place.
    header = " ".join(textwrap.wrap(encoded, 76)) if is_wrapped else encoded
    caller = {"Authorization": "Bearer " + access["bearerToken"], "X-Client-Public-Key": header}
    send("GET", access["baseUrl"] + "/internal/v1/cards/" + access["cardToken"] + "/pin", caller)


{"solaris": solaris, "adyen": adyen, "venly": venly, "plumery": plumery}[protocol]()
print(json.dumps(done))
