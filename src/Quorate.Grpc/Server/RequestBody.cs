using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Pipelines;
using Google.Protobuf;
using Microsoft.AspNetCore.Http.Features;
using Quorate.Grpc.Framing;

namespace Quorate.Grpc.Server;

/// <summary>Takes messages off a request body. The texts of the errors are those of grpc-go, which etcd's clients know.</summary>
internal static class RequestBody
{
    /// <summary>The one message of a call that sends one.</summary>
    public static async ValueTask<TRequest> ReadOnlyMessageAsync<TRequest>(ServerCall call, MessageParser<TRequest> parser, MessageLimits limits)
        where TRequest : class, IMessage<TRequest>
    {
        PipeReader reader = call.Features.GetRequiredFeature<IRequestBodyPipeFeature>().Reader;
        TRequest? request = await ReadAsync(call, reader, parser, limits, CancellationToken.None).ConfigureAwait(false)
            ?? throw new RpcException(StatusCode.Internal, "cardinality violation: received no request message from non-client-streaming RPC");

        // The client need not have closed its half yet, and waiting for that would cost time; what is here already is checked.
        if (reader.TryRead(out ReadResult rest))
        {
            bool more = !rest.Buffer.IsEmpty;
            reader.AdvanceTo(rest.Buffer.End);
            if (more)
            {
                throw new RpcException(StatusCode.Internal, "cardinality violation: received multiple request messages for non-client-streaming RPC");
            }
        }

        return request;
    }

    /// <summary>The next message; <see langword="null"/> at the end.</summary>
    public static async ValueTask<TRequest?> ReadAsync<TRequest>(
        ServerCall call,
        PipeReader reader,
        MessageParser<TRequest> parser,
        MessageLimits limits,
        CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
    {
        while (true)
        {
            ReadResult result = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            ReadOnlySequence<byte> buffer = result.Buffer;
            if (TryTakeFrame(buffer, limits, out bool compressed, out ReadOnlySequence<byte> frame))
            {
                TRequest request;
                try
                {
                    request = parser.ParseFrom(compressed ? Decompress(call, frame, limits) : frame);
                }
                catch (InvalidProtocolBufferException exception)
                {
                    throw new RpcException(StatusCode.Internal, "grpc: error unmarshalling request: " + exception.Message, exception);
                }
                finally
                {
                    call.ReceivedBytes += frame.Length + Frames.PrefixBytes;
                    reader.AdvanceTo(frame.End);
                }

                return request;
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted || result.IsCanceled)
            {
                return buffer.IsEmpty ? null : throw new RpcException(StatusCode.Internal, "unexpected EOF");
            }
        }
    }

    private static bool TryTakeFrame(ReadOnlySequence<byte> buffer, MessageLimits limits, out bool compressed, out ReadOnlySequence<byte> frame)
    {
        compressed = false;
        frame = default;
        if (buffer.Length < Frames.PrefixBytes)
        {
            return false;
        }

        Span<byte> prefix = stackalloc byte[Frames.PrefixBytes];
        buffer.Slice(0, Frames.PrefixBytes).CopyTo(prefix);
        if (prefix[0] > 1)
        {
            throw new RpcException(StatusCode.Internal, $"grpc: received unexpected payload format {prefix[0]}");
        }

        uint size = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
        if (size > (uint)limits.MaxReceiveBytes)
        {
            throw TooLarge(size, limits);
        }

        if (buffer.Length - Frames.PrefixBytes < size)
        {
            return false;
        }

        compressed = prefix[0] == 1;
        frame = buffer.Slice(Frames.PrefixBytes, size);
        return true;
    }

    private static ReadOnlySequence<byte> Decompress(ServerCall call, ReadOnlySequence<byte> frame, MessageLimits limits)
    {
        string? encoding = call.Request.Headers.GrpcEncoding;
        if (string.IsNullOrEmpty(encoding) || encoding == CallRunner.Identity)
        {
            throw new RpcException(StatusCode.Internal, "grpc: compressed flag set with identity or empty encoding");
        }

        // A small message may unfold into a huge one: the limit holds for what comes out, and is checked as it comes.
        using GZipStream unfolding = new(new MemoryStream(frame.ToArray()), CompressionMode.Decompress);
        ArrayBufferWriter<byte> unfolded = new();
        try
        {
            int read;
            while ((read = unfolding.Read(unfolded.GetSpan(4096))) > 0)
            {
                unfolded.Advance(read);
                if (unfolded.WrittenCount > limits.MaxReceiveBytes)
                {
                    throw new RpcException(StatusCode.ResourceExhausted, $"grpc: message after decompression larger than max {limits.MaxReceiveBytes}");
                }
            }
        }
        catch (InvalidDataException exception)
        {
            throw new RpcException(StatusCode.Internal, "grpc: failed to decompress the received message: " + exception.Message, exception);
        }

        return new ReadOnlySequence<byte>(unfolded.WrittenMemory);
    }

    private static RpcException TooLarge(uint size, MessageLimits limits) =>
        new(StatusCode.ResourceExhausted, $"grpc: received message larger than max ({size} vs. {limits.MaxReceiveBytes})");
}
