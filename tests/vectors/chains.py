"""Makes chains.json: transactions of Solana and EVM chains, signed by others' libraries.

The libraries are `solders` (Anza's own Rust code), the Ethereum Foundation's `eth-account` and `stellar-sdk`:

    pip install solders==0.29.0 eth-account==0.14.0 stellar-sdk==16.1.1 && python chains.py > chains.json

All keys are made up: the SHA-256 of a label. Nothing is random, so the file comes out the same each time.
"""

import base64
import hashlib
import json

import rlp
from eth_account import Account
from eth_account._utils.legacy_transactions import serializable_unsigned_transaction_from_dict
from eth_account._utils.transaction_utils import transaction_rpc_to_rlp_structure
from eth_account.typed_transactions.access_list_transaction import AccessListTransaction
from eth_account.typed_transactions.dynamic_fee_transaction import DynamicFeeTransaction
from eth_keys import keys as eth_keys
from solders.address_lookup_table_account import AddressLookupTableAccount
from solders.compute_budget import set_compute_unit_limit, set_compute_unit_price
from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.message import Message, MessageV0, to_bytes_versioned
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.system_program import (
    AssignParams,
    CreateAccountParams,
    CreateAccountWithSeedParams,
    TransferParams,
    TransferWithSeedParams,
    WithdrawNonceAccountParams,
    AdvanceNonceAccountParams,
    advance_nonce_account,
    assign,
    create_account,
    create_account_with_seed,
    transfer,
    transfer_with_seed,
    withdraw_nonce_account,
)
from solders.transaction import Transaction, VersionedTransaction
from stellar_sdk import Keypair as StellarKeypair

SYSTEM = Pubkey.from_string("11111111111111111111111111111111")
MEMO = Pubkey.from_string("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr")
TOKEN = Pubkey.from_string("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA")


def secret(label):
    return hashlib.sha256(f"made up: {label}".encode()).digest()


def pair(label):
    return Keypair.from_seed(secret(label))


A, B, C = pair("solana a"), pair("solana b"), pair("solana c")
TO = pair("solana destination").pubkey()
NONCE = pair("solana nonce").pubkey()
HASH = Hash(secret("blockhash"))


def pay(lamports, source=A, to=TO):
    return transfer(TransferParams(from_pubkey=source.pubkey(), to_pubkey=to, lamports=lamports))


def memo(text, signer):
    return Instruction(MEMO, text.encode(), [AccountMeta(signer.pubkey(), True, True)])


def token(owner):
    accounts = [
        AccountMeta(pair("token from").pubkey(), False, True),
        AccountMeta(pair("token to").pubkey(), False, True),
        AccountMeta(owner.pubkey(), True, False),
    ]
    return Instruction(TOKEN, bytes([3]) + (7).to_bytes(8, "little"), accounts)


def seeded():
    return Pubkey.create_with_seed(A.pubkey(), "store", SYSTEM)


FEE = 5000
PRICE = [set_compute_unit_limit(200_001), set_compute_unit_price(1_000_003)]
PRIORITY = -(-200_001 * 1_000_003 // 1_000_000)

# name, payer, signers, instructions, what leaves A at most (None: cannot be read)
SOLANA = [
    ("one transfer", A, [A], [pay(1)], 1 + FEE),
    ("the largest transfer", A, [A], [pay(2**64 - 1)], 2**64 - 1 + FEE),
    ("ten transfers", A, [A], [pay(1000 + i, A, pair(f"to {i}").pubkey()) for i in range(10)], 10045 + FEE),
    ("a transfer with its price and memo", A, [A], [*PRICE, pay(5), memo("hello", A)], 5 + FEE + PRIORITY),
    ("paid by another", B, [B, A], [pay(77)], 77),
    ("another's transfer that it pays for", A, [A, B], [pay(88, B)], 2 * FEE),
    ("a new account", A, [A, C], [create_account(CreateAccountParams(from_pubkey=A.pubkey(), to_pubkey=C.pubkey(), lamports=890880, space=0, owner=SYSTEM))], 890880 + 2 * FEE),
    ("a new account with a seed", A, [A], [create_account_with_seed(CreateAccountWithSeedParams(from_pubkey=A.pubkey(), to_pubkey=seeded(), base=A.pubkey(), seed="store", lamports=4242, space=10, owner=SYSTEM))], 4242 + FEE),
    ("a transfer with a seed", A, [A], [transfer_with_seed(TransferWithSeedParams(from_pubkey=seeded(), from_base=A.pubkey(), from_seed="store", from_owner=SYSTEM, to_pubkey=TO, lamports=31))], 31 + FEE),
    ("after a nonce", A, [A], [advance_nonce_account(AdvanceNonceAccountParams(nonce_pubkey=NONCE, authorized_pubkey=A.pubkey())), pay(9)], 9 + FEE),
    ("out of a nonce account", A, [A], [withdraw_nonce_account(WithdrawNonceAccountParams(nonce_pubkey=NONCE, authorized_pubkey=A.pubkey(), to_pubkey=TO, lamports=66))], None),
    ("given to a program", A, [A], [assign(AssignParams(pubkey=A.pubkey(), owner=TOKEN))], None),
    ("another program with the payer", A, [A], [token(A)], None),
    ("another program that only reads it", B, [B, A], [token(A)], None),
    ("three signers", C, [C, A, B], [pay(1), pay(2, B), pay(3, C)], 1),
    ("nothing of it", B, [B], [pay(12, B)], 0),
]


def solana_case(name, version, message, signers, outflow):
    signed = [s.sign_message(to_bytes_versioned(message)) for s in signers]
    make = Transaction.populate if version == "legacy" else VersionedTransaction.populate
    # What a caller sends: slots of the others are signed, A's is empty.
    asked = [Signature.default() if s == A else sig for s, sig in zip(signers, signed)]
    return {
        "name": f"{name}, {version}",
        "signers": [secret_of(s) for s in signers],
        "message": base64.b64encode(to_bytes_versioned(message)).decode(),
        "asked": base64.b64encode(bytes(make(message, asked))).decode(),
        "signed": base64.b64encode(bytes(make(message, signed))).decode(),
        "id": str(signed[0]),
        "payer": str(message.account_keys[0]),
        "outflow": None if outflow is None else str(outflow),
    }


def secret_of(keypair):
    return bytes(keypair.secret()).hex()


def solana():
    cases = []
    table = AddressLookupTableAccount(pair("table").pubkey(), [TO, *(pair(f"to {i}").pubkey() for i in range(10))])
    for name, payer, signers, instructions, outflow in SOLANA:
        legacy = Message.new_with_blockhash(instructions, payer.pubkey(), HASH)
        by_key = {s.pubkey(): s for s in signers}
        needed = lambda m: [by_key[k] for k in m.account_keys[: m.header.num_required_signatures]]
        cases.append(solana_case(name, "legacy", legacy, needed(legacy), outflow))
        bare = MessageV0.try_compile(payer.pubkey(), instructions, [], HASH)
        cases.append(solana_case(name, "v0", bare, needed(bare), outflow))
        looked_up = MessageV0.try_compile(payer.pubkey(), instructions, [table], HASH)
        if looked_up.address_table_lookups:
            cases.append(solana_case(name + ", with a table", "v0", looked_up, needed(looked_up), outflow))
    return cases


SLOTS = [{"address": "0x" + "11" * 20, "storageKeys": ["0x" + "22" * 32, "0x" + "00" * 32]}, {"address": "0x" + "33" * 20, "storageKeys": []}]
EVM_TO = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
FEES = {
    "legacy": {"gasPrice": 20_000_000_007},
    "eip2930": {"type": 1, "gasPrice": 20_000_000_007, "accessList": SLOTS},
    "eip1559": {"type": 2, "maxFeePerGas": 20_000_000_007, "maxPriorityFeePerGas": 1_000_000_001, "accessList": []},
}
EVM = [
    ("a payment", {"nonce": 0, "to": EVM_TO, "value": 10**18, "gas": 21000, "chainId": 1}),
    ("nothing at all", {"nonce": 1, "to": EVM_TO, "value": 0, "gas": 0, "chainId": 137}),
    ("a call with data", {"nonce": 127, "to": EVM_TO, "value": 5, "gas": 90000, "data": "0xa9059cbb" + "00" * 64, "chainId": 42161}),
    ("one byte of data", {"nonce": 128, "to": EVM_TO, "value": 127, "gas": 30000, "data": "0x00", "chainId": 10}),
    ("much data", {"nonce": 255, "to": EVM_TO, "value": 128, "gas": 3_000_000, "data": "0x" + "5a" * 1000, "chainId": 8453}),
    ("a new contract", {"nonce": 256, "value": 0, "gas": 1_000_000, "data": "0x6080604052", "chainId": 11155111}),
    ("a large chain id and nonce", {"nonce": 2**64 - 2, "to": EVM_TO, "value": 1, "gas": 21000, "chainId": 2**53 + 1}),
    ("more than 128 bits", {"nonce": 3, "to": EVM_TO, "value": 2**255, "gas": 21000, "chainId": 1}),
]


def evm():
    cases = []
    for kind, fees in FEES.items():
        for number, (name, fields) in enumerate(EVM):
            account = Account.from_key(secret(f"evm {number % 3}"))
            if "to" not in fields:
                fields = {**fields, "to": b""}
            transaction = {**fields, **fees}
            unsigned = serializable_unsigned_transaction_from_dict(transaction)
            signed = Account.sign_transaction({k: v for k, v in transaction.items() if v != b""}, account.key)
            price = fees.get("maxFeePerGas", fees.get("gasPrice"))
            outflow = fields["value"] + fields["gas"] * price
            # What a called contract moves cannot be read.
            readable = outflow < 2**128 and not (fields["to"] and fields.get("data"))
            cases.append({
                "name": f"{name}, {kind}",
                "key": account.key.hex().removeprefix("0x"),
                "address": account.address,
                "unsigned": unsigned_bytes(unsigned, kind).hex(),
                "hash_to_sign": bytes(unsigned.hash()).hex(),
                "signed": signed.raw_transaction.hex().removeprefix("0x"),
                "hash": signed.hash.hex().removeprefix("0x"),
                "chain_id": fields["chainId"],
                "nonce": str(fields["nonce"]),
                "to": EVM_TO if fields["to"] else None,
                "outflow": str(outflow) if readable else None,
            })
    return cases


def unsigned_bytes(unsigned, kind):
    if kind == "legacy":
        return rlp.encode(unsigned)
    inner = unsigned.transaction
    cls = {"eip2930": AccessListTransaction, "eip1559": DynamicFeeTransaction}[kind]
    structure = transaction_rpc_to_rlp_structure({k: v for k, v in inner.dictionary.items() if k not in ("v", "r", "s", "type")})
    body = rlp.encode(cls._unsigned_transaction_serializer.from_dict(structure))
    return bytes([cls.transaction_type]) + body


def keys():
    forms = []
    for label in ("stellar a", "stellar b"):
        p = StellarKeypair.from_raw_ed25519_seed(secret(label))
        forms.append({"chain": "stellar", "raw": secret(label).hex(), "text": p.secret, "address": p.public_key, "public_key": p.raw_public_key().hex()})
    for label in ("solana a", "solana b"):
        p = pair(label)
        forms.append({"chain": "solana", "raw": secret_of(p), "text": str(p), "address": str(p.pubkey()), "public_key": bytes(p.pubkey()).hex()})
        forms.append({"chain": "solana", "raw": secret_of(p), "text": p.to_json(), "address": str(p.pubkey()), "public_key": bytes(p.pubkey()).hex()})
    for number in range(3):
        account = Account.from_key(secret(f"evm {number}"))
        public = eth_keys.PrivateKey(bytes(account.key)).public_key.to_compressed_bytes().hex()
        digits = bytes(account.key).hex()
        for text in (digits, "0x" + digits, digits.upper()):
            forms.append({"chain": "evm", "raw": digits, "text": text, "address": account.address, "public_key": public})
    return forms


print(json.dumps({"keys": keys(), "solana": solana(), "evm": evm()}, indent=1))
