"""Calls a test port with a gRPC stack that is not ours, and prints what it saw, a line for each check."""
import sys
import threading

import grpc
from google.protobuf import wrappers_pb2 as w


def text(value):
    return w.StringValue(value=value).SerializeToString()


def read(data):
    return w.StringValue.FromString(data).value


def status(call):
    try:
        call()
        return "OK"
    except grpc.RpcError as error:
        return f"{error.code().name}: {error.details()}"


def field(number, data):
    """One length-delimited field of a message, for services whose messages Debian does not package."""
    return bytes([number << 3 | 2, len(data)]) + data


def duplex(channel):
    """Answers come while the requests are still open, and one more behind the half-close."""
    go_on = threading.Semaphore(1)

    def requests():
        for number in range(3):
            go_on.acquire()
            yield text(str(number))

    seen = []
    for answer in channel.stream_stream("/test.Echo/Duplex")(requests(), timeout=20):
        seen.append(read(answer))
        go_on.release()
    return ",".join(seen)


def cancelled(channel):
    call = channel.unary_unary("/test.Echo/Wait").future(text("x"))
    threading.Timer(0.2, call.cancel).start()
    try:
        call.result(timeout=20)
        return "OK"
    except grpc.FutureCancelledError:
        return "cancelled"


def reflected(channel, version):
    stub = channel.stream_stream(f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo")
    asked = iter([field(7, b""), field(4, b"grpc.health.v1.Health"), field(4, b"no.Such")])
    services, found, missing = stub(asked, timeout=20)
    return f"{b'grpc.health.v1.Health' in services} {b'HealthCheckRequest' in found} {b'Symbol not found: no.Such' in missing}"


def main(address):
    channel = grpc.insecure_channel(address)
    echo = channel.unary_unary("/test.Echo/Unary")
    print("unary", read(echo(text("hallo"), timeout=20)))
    print("large", len(read(echo(text("x" * 1_500_000), timeout=20))))
    print("gzip", len(read(echo(text("y" * 1_000_000), timeout=20, compression=grpc.Compression.Gzip))))
    print("deflate", status(lambda: echo(text("z" * 1000), timeout=20, compression=grpc.Compression.Deflate)))
    print("status", status(lambda: channel.unary_unary("/test.Echo/Fail")(text("50 % späte\n"), timeout=20)).encode("unicode_escape").decode())
    # Client and server watch the same deadline, each with its own words; the code is the same whoever is first.
    print("deadline", status(lambda: channel.unary_unary("/test.Echo/Wait")(text("x"), timeout=0.2)).split(":")[0])
    print("cancel", cancelled(channel))
    print("toolarge", status(lambda: echo(text("x" * 3_000_000), timeout=20)))
    print("unknown", status(lambda: channel.unary_unary("/no.Such/Thing")(text("x"), timeout=20)))
    print("count", sum(1 for _ in channel.unary_stream("/test.Echo/Count")(w.Int32Value(value=1000).SerializeToString(), timeout=20)))
    print("duplex", duplex(channel))
    print("health", channel.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=20).hex())
    print("healthunknown", status(lambda: channel.unary_unary("/grpc.health.v1.Health/Check")(field(1, b"no.Such"), timeout=20)))
    watch = channel.unary_stream("/grpc.health.v1.Health/Watch")(field(1, b"no.Such"), timeout=20)
    print("healthwatch", next(watch).hex())
    watch.cancel()
    print("reflection", reflected(channel, "v1"))
    print("reflectionalpha", reflected(channel, "v1alpha"))


main(sys.argv[1])
