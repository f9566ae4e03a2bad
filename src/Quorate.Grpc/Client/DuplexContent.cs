using System.Buffers;
using System.Net;
using Google.Protobuf;
using Quorate.Grpc.Framing;

namespace Quorate.Grpc.Client;

/// <summary>A request body that stays open: what is written to it goes out at once.</summary>
internal sealed class DuplexContent : HttpContent
{
    private readonly TaskCompletionSource<Stream> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public DuplexContent()
    {
        Headers.TryAddWithoutValidation("content-type", Requests.ContentType);
    }

    public async ValueTask WriteAsync(IMessage message, CancellationToken cancellationToken)
    {
        Stream stream = _opened.Task.IsCompletedSuccessfully
            ? _opened.Task.Result
            : await _opened.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        int size = message.CalculateSize();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Frames.PrefixBytes + size);
        try
        {
            Frames.WritePrefix(buffer, size);
            message.WriteTo(buffer.AsSpan(Frames.PrefixBytes, size));
            await stream.WriteAsync(buffer.AsMemory(0, Frames.PrefixBytes + size), cancellationToken).ConfigureAwait(false);
            await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public void Complete() => _completed.TrySetResult();

    public void Fail(Exception exception)
    {
        _opened.TrySetException(exception);

        // Nobody may be waiting to write; the failure is told to the reader then.
        _ = _opened.Task.Exception;
        _completed.TrySetResult();
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        // Without a first flush the headers would wait for the first message, and the server would not see the call.
        await stream.FlushAsync().ConfigureAwait(false);
        _opened.TrySetResult(stream);
        await _completed.Task.ConfigureAwait(false);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = -1;
        return false;
    }
}
