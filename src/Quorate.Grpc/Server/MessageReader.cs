using System.IO.Pipelines;
using Google.Protobuf;
using Microsoft.AspNetCore.Http.Features;
using Quorate.Grpc.Server;

namespace Quorate.Grpc;

/// <summary>The stream of requests of a call. One reader at a time.</summary>
/// <typeparam name="TRequest">What is read.</typeparam>
public sealed class MessageReader<TRequest>
    where TRequest : class, IMessage<TRequest>
{
    private readonly ServerCall _call;
    private readonly MessageParser<TRequest> _parser;
    private readonly MessageLimits _limits;
    private readonly PipeReader _reader;

    internal MessageReader(ServerCall call, MessageParser<TRequest> parser, MessageLimits limits)
    {
        _call = call;
        _parser = parser;
        _limits = limits;
        _reader = call.Features.GetRequiredFeature<IRequestBodyPipeFeature>().Reader;
    }

    /// <summary>The next message, or <see langword="null"/> when the client has said that none will follow.</summary>
    /// <exception cref="RpcException">What came is no message, or too large.</exception>
    /// <exception cref="OperationCanceledException">The call is over.</exception>
    public ValueTask<TRequest?> ReadAsync() => ReadAsync(_call.CancellationToken);

    /// <summary>The next message, or <see langword="null"/>; waits for as long as <paramref name="cancellationToken"/> allows, which should end with the call.</summary>
    /// <exception cref="RpcException">What came is no message, or too large.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<TRequest?> ReadAsync(CancellationToken cancellationToken) =>
        RequestBody.ReadAsync(_call, _reader, _parser, _limits, cancellationToken);
}
