"""Makes packages/protocols/native/vectors/python3-cryptography.json: one of each operation, with fixed keys, by the client
of this folder. Signatures are made at random, so that each run gives others. Prints JSON."""
import hashlib
import json

import cryptography
import native_client as native

now = 1_800_000_000
issuer, card, sub, code, digits = "https://issuer.example", "card_1", "person_1", "493021", "23456789"
scalars = {name: hashlib.sha256(f"linchpin native vectors: {name}".encode()).hexdigest()
           for name in ("root", "native-signing", "native-hpke", "device", "bound", "ephemeral", "reveal", "answer")}
keys = {name: native.private_key(scalar) for name, scalar in scalars.items()}
jwks = {name: native.jwk(key.public_key()) for name, key in keys.items()}
kids = {name: native.thumbprint(key) for name, key in jwks.items()}


def listed(name, alg, use):
    return {"kid": kids[name], **jwks[name], "alg": alg, "use": use, "purpose": name, "nbf": now - 3600, "exp": now + 86400}


manifest = native.sign_jws(keys["root"], "jwk-set+jwt", {
    "iss": issuer, "sub": issuer, "iat": now - 60, "exp": now + 86340, "seq": now - 60,
    "keys": [listed("native-signing", "ES256", "sig"), listed("native-hpke", "HPKE-7", "enc")],
})


def operation(op, auth, outcome, field=b"", revealed=None, number=0, **claims):
    request = {"op": op, "auth": auth, "card": card, "nonce": native.b64u(bytes([number]) * 16)}
    signer = "bound" if op == "bind" else "device" if auth == "device" else None
    if op == "bind":
        request["key"] = jwks["bound"]
    elif signer:
        request["device"] = kids["device"]
    if auth == "code":
        claims["to"] = "+49 *** 567"
    session = native.sign_jws(keys["native-signing"], native.session_typ, {
        "iss": issuer, "sid": native.b64u(bytes([0x80 + number]) * 16), "iat": now, "exp": now + 300, "op": op, "auth": auth,
        "nonce": request["nonce"], "seq": now - 60, "sub": sub, "holder": "Zoë Müller",
        "card": {"ref": card, "last4": "6789", "program": "Gold", "version": 4},
        "device": kids[signer] if signer else None, "hpke": kids["native-hpke"], **claims,
    })
    h = hashlib.sha256(session.rsplit(".", 1)[0].encode()).digest()
    made = {"op": op, "auth": auth, "sessionRequest": request, "session": session, "h": h.hex()}
    if revealed is None:
        plaintext = native.parts(field, *((code, digits) if auth == "code" else ("", "")))
        info = native.request_info(h)
        message = native.hpke_seal(keys["native-hpke"].public_key(), info, plaintext, keys["ephemeral"])
        made.update(plaintext=plaintext.hex(), info=info.hex(), enc=message[:65].hex(), ct=message[65:].hex())
    else:
        message = native.point(keys["reveal"].public_key())
    r = hashlib.sha256(message).digest()
    operation_request = {"session": session, "message": native.b64u(message)}
    made["r"] = r.hex()
    if signer:
        signed = native.device_signed(h, r)
        made["signed"] = signed.hex()
        operation_request["signature"] = native.b64u(native.sign(keys[signer], signed))
    if op == "bind":
        operation_request["key"] = jwks["bound"]
    if revealed is not None:
        info = native.answer_info(h, r)
        sealed = native.hpke_seal(keys["reveal"].public_key(), info, revealed, keys["answer"])
        made.update(revealed=revealed.hex(), answerInfo=info.hex(), sealed=sealed.hex())
        outcome = {**outcome, "sealed": native.b64u(sealed)}
    made["operationRequest"] = operation_request
    made["outcome"] = outcome
    said = {"iss": issuer, "sid": native.b64u(bytes([0x80 + number]) * 16), "h": native.b64u(h), "r": native.b64u(r),
            "iat": now + 2, "op": op}
    made["answer"] = native.sign_jws(keys["native-signing"], native.answer_typ, {**said, **outcome})
    made["refusal"] = native.sign_jws(keys["native-signing"], native.answer_typ,
                                      {**said, "result": "refused", "code": "card_blocked"})
    spent = {"r": native.b64u(bytes(32)), "result": "refused", "code": "decryption_failed"}
    made["spent"] = native.sign_jws(keys["native-signing"], native.answer_typ, {**said, "result": "spent", "spent": spent})
    return made


def pin(digits_of_pin):
    return native.pin_field(digits_of_pin, bytes(range(8)))


policy = {"minLength": 4, "maxLength": 6, "sequences": "refuse_up_and_down", "wrapAround": False, "maxSameDigit": 2}
operations = [
    operation("bind", "code", {"result": "bound", "device": kids["bound"], "sub": sub}, number=1),
    operation("bind", "code", {"result": "bound", "device": kids["bound"], "sub": sub}, pin("0480"), number=2, presentPin=True),
    operation("pin-change", "device", {"result": "changed", "version": 5}, pin("1928"), number=3, policy=policy),
    operation("pin-change", "code", {"result": "changed", "version": 5}, pin("192837"), number=4, policy=policy),
    operation("pin-verify", "device", {"result": "match"}, pin("1928"), number=5),
    operation("pin-verify", "device", {"result": "mismatch", "remaining": 2}, pin("123456789012"), number=6),
    operation("pin-reveal", "device", {"result": "revealed"}, revealed=pin("0480"), number=7),
    operation("card-reveal", "device", {"result": "revealed"},
              revealed=native.card_data("5555550123456789", "042", "3107"), number=8),
]
vectors = {
    "source": f"python3-cryptography {cryptography.__version__}: ECDSA, ECDH, HKDF and AES-256-GCM; HPKE after RFC 9180",
    "clockSeconds": now,
    "issuer": issuer,
    "sub": sub,
    "code": code,
    "digits": digits,
    "keys": {name: {"scalar": scalars[name], "jwk": jwks[name], "thumbprint": kids[name]} for name in scalars},
    "manifest": manifest,
    "operations": operations,
}
print(json.dumps(vectors, indent=2, ensure_ascii=False))
