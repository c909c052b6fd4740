"""What transactions cost a producer, from what `python/transaction_latency.py` measured."""

# What a producer without transactions never sends.
EXTRA_REQUESTS = ("AddPartitionsToTxn", "EndTxn")


class NotExact(Exception):
    """The requests counted are not those of the transactions counted."""


def check(found):
    """Each transaction has one EndTxn and at least one AddPartitionsToTxn; without transactions there is neither."""
    transactions, requests = found["transactional"]["transactions"], found["transactional"]["requests"]
    strays = {name: found["idempotent"]["requests"][name] for name in EXTRA_REQUESTS if name in found["idempotent"]["requests"]}
    if strays:
        raise NotExact(f"without transactions there were {strays}")
    if requests.get("EndTxn") != transactions:
        raise NotExact(f"{requests.get('EndTxn')} EndTxn in {transactions} transactions")
    if requests.get("AddPartitionsToTxn", 0) < transactions:
        raise NotExact(f"{requests.get('AddPartitionsToTxn', 0)} AddPartitionsToTxn in {transactions} transactions")


def figures(found):
    """Figures by name, once they are checked."""
    check(found)
    idempotent, transactional = found["idempotent"], found["transactional"]
    result = {}
    for what, (median, worst) in [("idempotent: until acknowledged", idempotent["acknowledged"]),
                                  ("transactional: until acknowledged", transactional["acknowledged"]),
                                  ("transactional: until committed", transactional["committed"]),
                                  ("transactional: the commit itself", transactional["commit"])]:
        result |= {f"{what}, median, ms": median, f"{what}, 99 of 100, ms": worst}
    count = transactional["transactions"]
    result["transactions"] = count
    result |= {f"{name} per transaction": transactional["requests"][name] / count for name in EXTRA_REQUESTS}
    result["extra requests per transaction"] = sum(transactional["requests"][name] for name in EXTRA_REQUESTS) / count
    for kind, measured in found.items():
        result |= {f"{kind}: {name} requests": number for name, number in sorted(measured["requests"].items())}
    return result
