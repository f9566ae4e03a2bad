"""Locks and elects through the door with a gRPC stack that is not ours; learns the messages from the door's own reflection."""
import sys
import threading

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        shift += 7
        at += 1
        if byte < 128:
            return value, at


def fields(data, wanted):
    """The length-delimited fields of one number, in a message whose type is not known yet."""
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        size, at = varint(data, at)
        if tag & 7 == 0:
            continue
        if tag >> 3 == wanted:
            yield data[at:at + size]
        at += size


def learn(channel, pool, symbol):
    stub = channel.stream_stream("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")
    asked = bytes([4 << 3 | 2, len(symbol)]) + symbol.encode()
    answer = next(stub(iter([asked]), timeout=20))
    files = [descriptor_pb2.FileDescriptorProto.FromString(raw) for raw in fields(next(fields(answer, 4)), 1)]
    for file in reversed(files):
        try:
            pool.FindFileByName(file.name)
        except KeyError:
            pool.Add(file)


class Door:
    def __init__(self, address):
        self.channel = grpc.insecure_channel(address)
        self.pool = descriptor_pool.DescriptorPool()
        for service in ("etcdserverpb.KV", "etcdserverpb.Lease", "v3lockpb.Lock", "v3electionpb.Election"):
            learn(self.channel, self.pool, service)
        self.factory = message_factory.MessageFactory(self.pool)

    def call(self, service, method, **values):
        return self.stub(service, method)(self.request(service, method, **values), timeout=20)

    def request(self, service, method, **values):
        return self.factory.GetPrototype(self.find(service, method).input_type)(**values)

    def stub(self, service, method):
        answer = self.factory.GetPrototype(self.find(service, method).output_type)
        kind = self.channel.unary_stream if method == "Observe" else self.channel.unary_unary
        return kind(f"/{service}/{method}", lambda request: request.SerializeToString(), answer.FromString)

    def find(self, service, method):
        return self.pool.FindServiceByName(service).FindMethodByName(method)

    def lease(self):
        return self.call("etcdserverpb.Lease", "LeaseGrant", TTL=100).ID


def main(address):
    door = Door(address)
    first = door.call("v3lockpb.Lock", "Lock", name=b"l", lease=door.lease())
    print("locked", first.key.startswith(b"l/"))
    got = []
    second_lease = door.lease()
    waiter = threading.Thread(target=lambda: got.append(door.call("v3lockpb.Lock", "Lock", name=b"l", lease=second_lease).key))
    waiter.start()
    while door.call("etcdserverpb.KV", "Range", key=b"l/", range_end=b"l0").count < 2:
        pass
    print("waits", not got)
    door.call("v3lockpb.Lock", "Unlock", key=first.key)
    waiter.join(20)
    print("handed over", got == [b"l/%x" % second_lease])

    leader = door.call("v3electionpb.Election", "Campaign", name=b"e", lease=door.lease(), value=b"one").leader
    observed = door.call("v3electionpb.Election", "Observe", name=b"e")
    print("observed", next(observed).kv.value.decode())
    door.call("v3electionpb.Election", "Proclaim", leader=leader, value=b"two")
    print("observed", next(observed).kv.value.decode())
    observed.cancel()
    door.call("v3electionpb.Election", "Resign", leader=leader)
    try:
        door.call("v3electionpb.Election", "Leader", name=b"e")
    except grpc.RpcError as error:
        print("resigned", error.code().name, error.details())


if __name__ == "__main__":
    main(sys.argv[1])
