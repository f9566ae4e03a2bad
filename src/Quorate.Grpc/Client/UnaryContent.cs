using System.Buffers;
using System.Net;
using Google.Protobuf;
using Quorate.Grpc.Framing;

namespace Quorate.Grpc.Client;

/// <summary>A request body of one message.</summary>
internal sealed class UnaryContent : HttpContent
{
    private readonly IMessage _message;
    private readonly int _size;

    public UnaryContent(IMessage message)
    {
        _message = message;
        _size = message.CalculateSize();
        Headers.TryAddWithoutValidation("content-type", Requests.ContentType);
    }

    /// <summary>Whether any of it may have gone out: it is asked for when there is a connection, and not before.</summary>
    public bool IsBegun { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        IsBegun = true;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Frames.PrefixBytes + _size);
        try
        {
            Frames.WritePrefix(buffer, _size);
            _message.WriteTo(buffer.AsSpan(Frames.PrefixBytes, _size));
            await stream.WriteAsync(buffer.AsMemory(0, Frames.PrefixBytes + _size), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        // A known length would be announced in a header that gRPC does not use and that costs bytes on every call.
        length = -1;
        return false;
    }
}
