"""Throttled client.

In production: a client over its quota is answered at once, and its next request is left lying for as long as the answer said. An
application that waits a second for each order takes that for lost; the shop tells its customers that their orders failed, and they come
through all the same.
Control: a rule that throttles the connection of the first Produce for two seconds; `--clock manual`, `POST /v1/clock/advance`.
Promise: no customer is told of an error that is none, and the throttling is known.
"""
from confluent_kafka import Producer

from cluster import promise, prove, until


class Shop:
    def __init__(self, bootstrap):
        self.told, self.throttled = [], []
        self.producer = Producer({"bootstrap.servers": bootstrap, "throttle_cb": lambda event: self.throttled.append(event.throttle_time)})

    def send(self, order, on_late):
        """Waits a second; if the order is not written by then, `on_late` says whether to wait on."""
        self.producer.produce("orders", order)
        while self.producer.flush(1) and on_late():
            pass


def buggy(shop):
    def give_up():
        shop.told.append("failed")
        return False
    for order in ("1", "2"):
        shop.send(order, give_up)


def fixed(shop):
    def wait_on():
        shop.told.append("takes a little longer")
        return True
    for order in ("1", "2"):
        shop.send(order, wait_on)


def scenario(cluster, application):
    # The clock stands still, so that no other second than the throttle's can pass unnoticed.
    throttle = cluster.fault(api="Produce", topic="orders", nth=1, after_apply={"throttle": "2s"})
    shop = Shop(cluster.bootstrap)
    running = cluster.start(application, shop)
    throttle.wait()
    until(lambda: shop.told, "a customer who was told something")
    assert cluster.values("orders") == ["1"], "the second order was looked at before its time"
    assert any("throttling" in due for due in cluster.advance("2s"))
    running.done()
    assert shop.producer.flush(20) == 0
    assert cluster.values("orders") == ["1", "2"]
    promise("failed" not in shop.told, "customers were told of failure, of orders that are in the log")
    promise(shop.throttled[:1] == [2.0], f"throttled: {shop.throttled}")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "orders", "--clock", "manual")
