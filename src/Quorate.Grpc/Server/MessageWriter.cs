using System.Buffers;
using System.IO.Pipelines;
using Google.Protobuf;
using Microsoft.AspNetCore.Http.Features;
using Quorate.Grpc.Framing;
using Quorate.Grpc.Server;

namespace Quorate.Grpc;

/// <summary>The stream of answers of a call. One writer at a time.</summary>
/// <typeparam name="TResponse">What is written.</typeparam>
public sealed class MessageWriter<TResponse>
    where TResponse : IMessage
{
    private readonly ServerCall _call;
    private readonly PipeWriter _writer;
    private bool _begun;

    internal MessageWriter(ServerCall call)
    {
        _call = call;
        _writer = call.Features.GetRequiredFeature<IHttpResponseBodyFeature>().Writer;
    }

    /// <summary>Puts a message behind those already written; it leaves with the next flush.</summary>
    public void Write(TResponse message)
    {
        Begin();
        _call.SentBytes += Frames.Write(_writer, message);
    }

    /// <summary>Begins a message that the caller encodes itself: exactly <paramref name="size"/> bytes must follow on the writer it returns.</summary>
    public IBufferWriter<byte> WriteEncoded(int size)
    {
        Begin();
        Frames.WritePrefix(_writer.GetSpan(Frames.PrefixBytes), size);
        _writer.Advance(Frames.PrefixBytes);
        _call.SentBytes += Frames.PrefixBytes + size;
        return _writer;
    }

    /// <summary>Sends what was written; waits while the client does not read.</summary>
    /// <exception cref="OperationCanceledException">The call is over.</exception>
    public ValueTask FlushAsync() => FlushAsync(_call.CancellationToken);

    /// <summary>Sends what was written; waits for as long as <paramref name="cancellationToken"/> allows, which should end with the call.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled, or the call is over.</exception>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        Begin();
        FlushResult result = await _writer.FlushAsync(cancellationToken).ConfigureAwait(false);
        if (result.IsCompleted || result.IsCanceled)
        {
            throw new OperationCanceledException("The client no longer reads.");
        }
    }

    /// <summary>Writes a message and sends it.</summary>
    /// <exception cref="OperationCanceledException">The call is over.</exception>
    public ValueTask WriteAsync(TResponse message)
    {
        Write(message);
        return FlushAsync();
    }

    internal void Begin()
    {
        if (!_begun)
        {
            _begun = true;
            CallRunner.BeginResponse(_call);
        }
    }
}
