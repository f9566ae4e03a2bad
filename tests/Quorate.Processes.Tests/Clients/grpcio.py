"""Uses three real nodes with a gRPC stack that is not ours, each step through another node; prints a line for each thing it saw."""
import sys
import threading
import time

import grpc

from foreign import Door

LOCK = "v3lockpb.Lock"
ELECTION = "v3electionpb.Election"
KV = "etcdserverpb.KV"


def until(holds):
    begin = time.monotonic()
    while not holds():
        if time.monotonic() - begin > 20:
            raise SystemExit("waited in vain")
        time.sleep(0.02)


def queue(door, prefix):
    return door.call(KV, "Range", key=prefix + b"/", range_end=prefix + b"0").count


def code_of(call):
    try:
        call()
        return "OK"
    except grpc.FutureCancelledError:
        return "CANCELLED"
    except grpc.RpcError as error:
        return error.code().name


def locks(one, two, three):
    first = one.call(LOCK, "Lock", name=b"l", lease=one.lease())
    lease = two.lease()
    got = []
    waiter = threading.Thread(target=lambda: got.append(two.call(LOCK, "Lock", name=b"l", lease=lease).key))
    waiter.start()
    until(lambda: queue(three, b"l") == 2)
    print("second waits", not got)
    three.call(LOCK, "Unlock", key=first.key)
    waiter.join(20)
    print("handed over", got == [b"l/%x" % lease])

    # Whoever gives up leaves the queue: by its deadline, or because it is told to.
    asked = three.request(LOCK, "Lock", name=b"l", lease=three.lease())
    print("deadline", code_of(lambda: three.stub(LOCK, "Lock")(asked, timeout=0.5)))
    until(lambda: queue(one, b"l") == 1)
    call = three.stub(LOCK, "Lock").future(asked, timeout=20)
    until(lambda: queue(one, b"l") == 2)
    call.cancel()
    print("cancel", code_of(call.result))
    until(lambda: queue(one, b"l") == 1)


def elects(one, two, three):
    leader = one.call(ELECTION, "Campaign", name=b"e", lease=one.lease(), value=b"one").leader
    observed = two.call(ELECTION, "Observe", name=b"e")
    print("observed", next(observed).kv.value.decode())
    one.call(ELECTION, "Proclaim", leader=leader, value=b"more")
    print("observed", next(observed).kv.value.decode())
    won = three.stub(ELECTION, "Campaign").future(three.request(ELECTION, "Campaign", name=b"e", lease=three.lease(), value=b"three"), timeout=20)
    until(lambda: queue(two, b"e") == 2)
    print("won", won.done())
    one.call(ELECTION, "Resign", leader=leader)
    won.result()
    print("observed", next(observed).kv.value.decode())
    observed.cancel()
    print("leads", two.call(ELECTION, "Leader", name=b"e").kv.value.decode())


def compresses(one, two):
    value = b"0123456789" * 100_000
    one.stub(KV, "Put")(one.request(KV, "Put", key=b"gzip", value=value), timeout=20, compression=grpc.Compression.Gzip)
    print("gzip", two.call(KV, "Range", key=b"gzip").kvs[0].value == value)


def streams(door):
    """A watch that nothing happens on ends with its deadline."""
    watch = door.channel.stream_stream("/etcdserverpb.Watch/Watch")
    stop = threading.Event()

    def requests():
        yield bytes([0x0A, 3, 0x0A, 1, ord("w")])
        stop.wait(20)

    answers = watch(requests(), timeout=1)
    next(answers)
    print("watch deadline", code_of(lambda: next(answers)))
    stop.set()


def serves(*doors):
    check = [door.channel.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=20).hex() for door in doors]
    print("health", *check)
    for version in ("v1", "v1alpha"):
        ask = doors[0].channel.stream_stream(f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo")
        answer = next(ask(iter([bytes([7 << 3 | 2, 0])]), timeout=20))
        print("reflection", version, all(name.encode() in answer for name in (KV, LOCK, ELECTION, "etcdserverpb.Watch", "grpc.health.v1.Health")))


def main(addresses):
    doors = [Door(address) for address in addresses]
    locks(*doors)
    elects(*doors)
    compresses(doors[0], doors[1])
    streams(doors[2])
    serves(*doors)


main(sys.argv[1:])
