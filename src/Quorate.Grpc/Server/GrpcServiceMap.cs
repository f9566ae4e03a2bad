using Google.Protobuf;
using Google.Protobuf.Reflection;
using Quorate.Grpc.Server;

namespace Quorate.Grpc;

/// <summary>Which methods a port serves, and how. Filled before the port starts; read-only from then on.</summary>
public sealed class GrpcServiceMap
{
    private readonly Dictionary<string, MethodEntry> _methods = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _services = new(StringComparer.Ordinal);
    private readonly List<Func<FileDescriptor>> _files = [];

    internal IReadOnlyDictionary<string, MethodEntry> Methods => _methods;

    /// <summary>The full names of the services, sorted.</summary>
    public IReadOnlyCollection<string> Services => _services;

    internal IEnumerable<FileDescriptor> Files => _files.Select(file => file());

    /// <summary>
    /// The file that describes services of this map. It is asked for when the reflection service is first used: a start that makes the
    /// descriptors of every message keeps the JIT busy for something that hardly anybody wants.
    /// </summary>
    public GrpcServiceMap Describe(Func<FileDescriptor> file)
    {
        _files.Add(file);
        return this;
    }

    /// <summary>A method that answers one message with one.</summary>
    /// <param name="method">Its full name: <c>/package.Service/Method</c>.</param>
    /// <param name="parser">Reads the request.</param>
    /// <param name="handler">Answers it.</param>
    /// <param name="longWait">It may wait for as long as its client does, and so ends when the server drains.</param>
    /// <exception cref="ArgumentException">The name is malformed or taken.</exception>
    public GrpcServiceMap Unary<TRequest, TResponse>(
        string method,
        MessageParser<TRequest> parser,
        UnaryHandler<TRequest, TResponse> handler,
        bool longWait = false)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        Add(new UnaryMethod<TRequest, TResponse>(method, parser, handler, longWait));

    /// <summary>A method that answers one message with a stream of them.</summary>
    /// <param name="method">Its full name.</param>
    /// <param name="parser">Reads the request.</param>
    /// <param name="handler">Answers it.</param>
    /// <exception cref="ArgumentException">The name is malformed or taken.</exception>
    public GrpcServiceMap ServerStream<TRequest, TResponse>(
        string method,
        MessageParser<TRequest> parser,
        ServerStreamHandler<TRequest, TResponse> handler)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        Add(new ServerStreamMethod<TRequest, TResponse>(method, parser, handler));

    /// <summary>A method with a stream of messages each way.</summary>
    /// <param name="method">Its full name.</param>
    /// <param name="parser">Reads the requests.</param>
    /// <param name="handler">Answers them.</param>
    /// <exception cref="ArgumentException">The name is malformed or taken.</exception>
    public GrpcServiceMap Duplex<TRequest, TResponse>(
        string method,
        MessageParser<TRequest> parser,
        DuplexHandler<TRequest, TResponse> handler)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        Add(new DuplexMethod<TRequest, TResponse>(method, parser, handler));

    /// <summary>What has been called so far, a row for each method.</summary>
    public IReadOnlyList<MethodCount> Count() => [.. _methods.Values.OrderBy(method => method.Path, StringComparer.Ordinal).Select(method => method.Count())];

    private GrpcServiceMap Add(MethodEntry entry)
    {
        if (!_methods.TryAdd(entry.Path, entry))
        {
            throw new ArgumentException($"{entry.Path} is there already.", nameof(entry));
        }

        _services.Add(entry.Service);
        return this;
    }
}
