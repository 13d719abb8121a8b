"""Other people's libraries make transactions and judge what was signed: solders (Solana), eth-account (EVM).

make solana ADDRESS    transactions of this account, one a line
make evm ADDRESS       the same
check solana ADDRESS   reads signed transactions, one a line; fails where one is not good
check evm ADDRESS      the same
"""
import base64, sys

mode, chain, address = sys.argv[1:4]
lines = sys.stdin.read().split() if mode == "check" else []

if chain == "solana":
    from solders.compute_budget import set_compute_unit_limit
    from solders.hash import Hash
    from solders.message import Message, MessageV0
    from solders.pubkey import Pubkey
    from solders.signature import Signature
    from solders.system_program import TransferParams, transfer
    from solders.transaction import Transaction, VersionedTransaction

    payer, to = Pubkey.from_string(address), Pubkey.new_unique()
    if mode == "make":
        pay = transfer(TransferParams(from_pubkey=payer, to_pubkey=to, lamports=1234))
        block = Hash.new_unique()
        legacy = Message.new_with_blockhash([set_compute_unit_limit(1000), pay], payer, block)
        print(base64.b64encode(bytes(Transaction.new_unsigned(legacy))).decode())
        v0 = MessageV0.try_compile(payer, [pay], [], block)
        print(base64.b64encode(bytes(VersionedTransaction.populate(v0, [Signature.default()]))).decode())
    for line in lines:
        signed = VersionedTransaction.from_bytes(base64.b64decode(line))
        assert signed.verify_with_results() == [True], line
        assert signed.message.account_keys[0] == payer, line
else:
    from eth_account import Account
    from eth_account._utils.legacy_transactions import serializable_unsigned_transaction_from_dict as unsigned
    from eth_account.typed_transactions import TypedTransaction
    import rlp

    common = {"nonce": 7, "gas": 21000, "to": "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "value": 10**15, "data": "0x"}
    if mode == "make":
        legacy = unsigned({**common, "gasPrice": 10**9, "chainId": 1})
        print(rlp.encode(legacy).hex())
        access = [{"address": common["to"], "storageKeys": ["0x" + "01" * 32]}]
        for body in (
            {**common, "type": "0x1", "gasPrice": 10**9, "chainId": 1, "accessList": access},
            {**common, "type": "0x2", "maxFeePerGas": 10**9, "maxPriorityFeePerGas": 10**8, "chainId": 137, "accessList": []},
        ):
            signed = Account.from_key("0x" + "01" * 32).sign_transaction(body).raw_transaction
            fields = rlp.decode(bytes(signed)[1:])[:-3]
            print((bytes(signed)[:1] + rlp.encode(fields)).hex())
    for line in lines:
        assert Account.recover_transaction(line) == address, line
